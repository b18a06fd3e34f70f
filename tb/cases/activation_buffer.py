"""ActivationBuffer: vectors of every length in and out, a full buffer, an empty one."""

from golden.presets import tiny
from hw.streams.activation_buffer import ActivationBuffer
from tb.agents.script import ScriptAgent
from tb.bits import mask, pack

CONFIGS = {
    "tiny": tiny,
    "same": tiny.replace(nmpu={"lanes": 2}, stream={"x_bits": 16, "y_bits": 16}),
    "narrower": tiny.replace(nmpu={"lanes": 8}, stream={"x_bits": 16, "y_bits": 64}),
    "one_beat": tiny.replace(nmpu={"lanes": 8}, stream={"x_bits": 64, "y_bits": 64},
                             control={"activations": 1}),
}
VARIANTS = tuple(CONFIGS)
OUTPUTS = ("i.ready", "o.valid", "o.payload", "busy")
VECTORS = 120
MODES = ("both", "fill", "drain")
"""Which sides want to move beats, for 120 clocks each."""
WAIT = 300
"""Clocks in which something must move."""
DRAIN = 20
"""Clocks in which nothing more may come."""


def build(variant):
    return ActivationBuffer(CONFIGS[variant])


def beats(elements, bits):
    """A vector as beats, the last one filled up with 0."""
    step = bits // 8
    return [pack(elements[k:k + step], 8) | (k + step >= len(elements)) << bits
            for k in range(0, len(elements), step)]


def vector(elements, x_bits, y_bits):
    """Beats in, beats out, and how many of those in have left with each of those out."""
    given, wanted = beats(elements, y_bits), beats(elements, x_bits)
    return given, wanted, [min((k + 1) * x_bits // y_bits, len(given)) for k in range(len(wanted))]


def script(config, rng, max_idle, max_stall):
    lanes, x_bits, y_bits = config.nmpu.lanes, config.stream.x_bits, config.stream.y_bits
    depth = config.control.activations * config.array.columns * 8 // y_bits
    given, wanted, left = [], [], [0]
    for k in range(VECTORS):
        groups = config.groups if k % 3 else int(rng.integers(1, config.groups + 1))
        more_given, more_wanted, gone = vector(rng.integers(1, 256, groups * lanes), x_bits, y_bits)
        left += [len(given) + n for n in gone]
        given, wanted = given + more_given, wanted + more_wanted
    taken = sent = vectors = clock = moved = 0
    tally = {"full": 0, "empty": 0}
    offered, within, held, mode = False, False, None, "both"
    first = None
    while sent < len(wanted):
        if clock % 120 == 0:
            mode = MODES[(MODES.index(mode) + int(rng.integers(1, 3))) % 3]
        clock += 1
        assert clock < moved + WAIT, "nothing moves"
        offered = offered or (taken < len(given) and mode != "drain"
                              and rng.integers(max_idle, endpoint=True) == 0)
        ready = int(mode != "fill" and rng.integers(max_stall, endpoint=True) == 0)
        payload = given[min(taken, len(given) - 1)]
        seen = yield {"i.valid": int(offered), "o.ready": ready,
                      "i.payload": payload if offered else payload ^ mask(y_bits)}
        assert seen["busy"] == (within or vectors > 0), f"busy with {vectors} vectors"
        if held is not None:
            assert seen["o.valid"] and seen["o.payload"] == held, "o must hold until taken"
        held = seen["o.payload"] if seen["o.valid"] and not ready else None
        if seen["o.valid"]:
            assert seen["o.payload"] == wanted[sent], (
                f"beat {sent} must be {wanted[sent]:#x}, not {seen['o.payload']:#x}")
        if seen["o.valid"] and not sent and not max_idle and first is not None:
            parts = max(x_bits // y_bits, 1)
            assert clock - first <= parts + 1 + (parts > 1), clock - first
            first = None
        if not seen["i.ready"]:
            assert taken - left[sent] >= depth, f"full with {taken - left[sent]} of {depth} beats"
            tally["full"] += 1
        tally["empty"] += not seen["busy"]
        if seen["o.valid"] and ready:
            vectors -= wanted[sent] >> x_bits
            sent, moved = sent + 1, clock
        if offered and seen["i.ready"]:
            within = not payload >> y_bits
            vectors += not within
            first = clock if taken == 0 else first
            taken, offered, moved = taken + 1, False, clock
    for _ in range(DRAIN):
        seen = yield {"i.valid": 0, "o.ready": 1}
        assert not seen["o.valid"] and not seen["busy"], "a beat is left over"
    assert min(tally.values()) > 0, tally


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng, max_idle, max_stall), outputs=OUTPUTS,
                       deadline=100_000)
