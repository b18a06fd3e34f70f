"""Exit: results, partial sums and ends of jobs in any order, data with them or a clock later."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring

from golden.formats import NmpuFormats
from hw.nmpu.exit import ACTIVATIONS, NONE, SUMS, Due, Exit, Y
from tb.agents.streams import StreamAgent, Streams
from tb.bits import encode, mask
from tb.cases.configs import CONFIGS

VARIANTS = ("direct", "queued", "direct_no_streams", "queued_no_streams")


def _config(variant):
    return CONFIGS["no_streams" if variant.endswith("no_streams") else "tiny"]


def build(variant):
    return Ticking(Exit(_config(variant), queued=variant.startswith("queued")))


class Ticking(wiring.Component):
    """A component with the clock that agents want, whether or not it has one."""

    def __init__(self, inner):
        self._inner = inner
        super().__init__(inner.signature)

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = self._inner
        wiring.connect(m, wiring.flipped(self), self._inner)
        tick = Signal()
        m.d.sync += tick.eq(~tick)
        return m


class ExitAgent(StreamAgent):
    """Gives each item its data in one clock only, and judges the order across the streams."""

    def __init__(self, items, widths, queued, rng, **limits):
        wanted = {"o": [], "sums_o": []}
        for item in items:
            ends = (item["last"], int(item["destination"] == ACTIVATIONS))
            if item["destination"] == SUMS:
                wanted["sums_o"].append(item["sums"] | ends[0] << widths["sums"])
            elif item["destination"] != NONE:
                wanted["o"].append(
                    item["results"] | (ends[0] | ends[1] << 1) << widths["results"])
        also = {"sums_o": wanted["sums_o"]} if "sums" in widths else {}
        given = [encode(Due, {name: item[name] for name in Due.members}) for item in items]
        super().__init__(Streams(given=given, wanted=wanted["o"], also_wanted=also), rng, **limits)
        self._items, self._widths, self._queued = items, widths, queued
        self._data = rng.spawn(1)[0]
        self._before, self._left = 0, 0
        self.most_inside = 0
        self.outputs += ("job_done", "job_interrupt", "busy")

    def drive(self):
        inputs = super().drive()
        taken = len(self.taken)
        # The item whose data this clock has; every other clock has some that is not to be seen.
        now = None
        if not self._queued:
            now = taken if self.sources["i"].offered else None
        elif taken > self._before:
            now = taken - 1
        self._before = taken
        return {**inputs, **{
            name: self._items[now][name] if now is not None
            else int.from_bytes(self._data.bytes(width // 8 + 1), "little") & mask(width)
            for name, width in self._widths.items()}}

    def check(self, seen):
        inside = len(self.taken) - self._left
        assert seen["busy"] == (self._queued and inside > 0)
        self.most_inside = max(self.most_inside, inside)
        before = {name: len(sink.sent) for name, sink in self.sinks.items()}
        super().check(seen)
        left = [name for name, sink in self.sinks.items() if len(sink.sent) > before[name]]
        item = self._items[self._left] if self._left < len(self._items) else None
        if item and item["destination"] == NONE and seen["job_done"]:
            left.append(None)
        assert len(left) <= 1, "two at once"
        if not left:
            assert not seen["job_done"]
            return
        stream = {NONE: None, SUMS: "sums_o"}.get(item["destination"], "o")
        assert left == [stream], f"{stream} was due"
        assert seen["job_done"] == item["final"]
        assert seen["job_interrupt"] == (item["final"] & item["interrupt"])
        self._left += 1


def agent(variant, rng, *, max_idle, max_stall):
    config, lanes = _config(variant), _config(variant).nmpu.lanes
    widths = {"results": 8 * lanes}
    if config.nmpu.partial_sums:
        widths["sums"] = NmpuFormats.of(config).accumulated.fmt.width * lanes
    places = (NONE, Y, ACTIVATIONS, *([SUMS] if "sums" in widths else []))
    items, count = [], 300
    for k in range(count):
        destination = int(rng.choice(places)) if k < count - 1 else Y
        items.append({
            "destination": destination, "last": int(rng.integers(2)),
            "final": int(destination == NONE or rng.random() < 0.3),
            "interrupt": int(rng.integers(2)),
            **{name: int.from_bytes(rng.bytes(width // 8 + 1), "little") & mask(width)
               for name, width in widths.items()}})
    return ExitAgent(items, widths, variant.startswith("queued"), rng, max_idle=max_idle,
                     max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall an item per clock; a queue never holds more than two."""
    taken = agent.taken
    assert taken[-1] - taken[0] == len(taken) - 1
    assert agent.sent[-1] - taken[-1] == Exit.latency_of(variant.startswith("queued"))
    assert agent.most_inside == 2 * variant.startswith("queued")
