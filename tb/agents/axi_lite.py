"""AXI4-Lite accesses, and the pins beside them, in Amaranth's simulator."""

from tb.agents.script import ScriptAgent
from tb.cases.register_file import PINS, PULSES
from tb.cases.register_program import Access

__all__ = ["axi_lite_agent"]

OKAY, SLVERR = 0b00, 0b10
OUTPUTS = tuple(f"axi.{name}" for name in (
    "awready", "wready", "bvalid", "bresp", "arready", "rvalid", "rdata", "rresp"))
TOLD = ("run", "bad_parity", "irq", "reached", "settings", "measurement", "probe_column")


def axi_lite_agent(steps, rng, *, max_idle, max_stall):
    """Performs a program of `tb.cases.register_program`."""
    seen = dict.fromkeys(PULSES, 0)
    script = _counted(_script(steps, rng, max_idle, max_stall, seen), seen)
    return ScriptAgent(script, outputs=(*OUTPUTS, *TOLD, *PULSES),
                       deadline=len(steps) * 10 * (1 + max_idle + max_stall))


def _counted(script, totals):
    """The same script; ``totals`` counts the clocks in which each of `PULSES` was high."""
    inputs = next(script)
    while True:
        seen = yield inputs
        for name in PULSES:
            totals[name] += seen[name]
        try:
            inputs = script.send(seen)
        except StopIteration:
            return


def _script(steps, rng, max_idle, max_stall, pulses):
    pins = dict.fromkeys(PINS, 0)
    for step in steps:
        if isinstance(step, Access):
            yield from _access(step, pins, rng, max_idle, max_stall)
            continue
        kind, *arguments = step
        if kind == "pulses":
            assert pulses == arguments[0], f"{arguments[0]} were asked for, {pulses} seen"
        elif kind == "look":
            seen = yield pins
            for name, value in arguments[0].items():
                assert seen[name] == value, f"{name} must be {value}, not {seen[name]}"
        elif kind == "set":
            pins = {**pins, arguments[0]: arguments[1]}
            yield pins
        else:
            for _ in range(arguments[1]):
                yield {**pins, arguments[0]: 1}
            yield pins


def _access(step, pins, rng, max_idle, max_stall):
    """One write or read, or both."""

    def pause(longest):
        return int(rng.integers(0, longest, endpoint=True))

    channels = {}  # those still to be transferred, with clocks to wait
    values = {}
    if step.write:
        address, data, strobe, _ = step.write
        channels |= {"aw": pause(max_idle), "w": pause(max_idle), "b": 0}
        values |= {"axi.awaddr": address, "axi.wdata": data, "axi.wstrb": strobe}
    if step.read:
        channels |= {"ar": pause(max_idle), "r": 0}
        values |= {"axi.araddr": step.read[0]}
    raised = {name: name in channels and channels[name] == 0 for name in ("aw", "w", "ar")}
    held = {}
    while channels:
        ready = {name: name in channels and pause(max_stall) == 0 for name in ("b", "r")}
        seen = yield {
            **pins, **values, **({step.event: int("w" in channels)} if step.event else {}),
            **{f"axi.{name}valid": int(raised[name]) for name in ("aw", "w", "ar")},
            **{f"axi.{name}ready": int(ready[name]) for name in ("b", "r")}}
        for name in ("aw", "w", "ar"):
            if raised[name] and seen[f"axi.{name}ready"]:
                raised[name] = False
                del channels[name]
            elif name in channels and not raised[name]:
                channels[name] -= 1
                raised[name] = channels[name] <= 0
        for name in ("b", "r"):
            answer = {k: v for k, v in seen.items() if k.startswith(f"axi.{name}")}
            assert name not in held or answer == held.pop(name), f"{name} must hold until taken"
            if not seen[f"axi.{name}valid"]:
                continue
            assert name in channels, f"an answer on {name} that nobody asked for"
            if ready[name]:
                _judge(step, name, seen)
                del channels[name]
            else:
                held[name] = answer
    seen = yield {**pins, "axi.bready": 0, "axi.rready": 0}
    assert not seen["axi.bvalid"] and not seen["axi.rvalid"], "an answer is left over"


def _judge(step, name, seen):
    refused = step.write[3] if name == "b" else step.read[1]
    resp = seen[f"axi.{name}resp"]
    assert resp == (SLVERR if refused else OKAY), f"{step} was answered with {resp}"
    if name == "r" and step.read[2] is not None:
        assert seen["axi.rdata"] == step.read[2], f"{step} read {seen['axi.rdata']:#x}"
