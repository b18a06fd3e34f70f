"""DescriptorTable: accesses with and without a fault, locks, parity, what was never written."""

from golden.descriptors import WORDS, descriptor_address, fields
from golden.presets import tiny
from hw.control.descriptor_table import DescriptorTable
from tb.agents.script import ScriptAgent
from tb.bits import mask
from tb.cases.chains import pattern

CONFIGS = {
    "tiny": tiny,
    "one_descriptor": tiny.replace(control={"descriptors": 1}),
    "full": tiny.replace(control={"descriptors": 256}),
    "odd": tiny.replace(control={"descriptors": 5}),
    "no_parity": tiny.replace(control={"parity": False}),
}
VARIANTS = tuple(CONFIGS)
OUTPUTS = ("bus.read", "bus.refused", "descriptor", "parity_error")
CLOCKS = 6000
UNWRITTEN = 100
"""Clocks before the first write."""


def build(variant):
    return DescriptorTable(CONFIGS[variant])


EXISTS = [sum(mask(f.width) << f.low for f in word) for word in WORDS]


def script(config, rng):
    depth, parity = config.control.descriptors, config.control.parity
    table = {}
    tally = dict.fromkeys(("written", "read", "unaligned", "beyond", "word", "locked", "bad",
                           "healed"), 0)
    wanted = {"descriptor": 0, "parity_error": 0}
    bad = set()
    for clock in range(CLOCKS):
        entry = int(rng.choice([rng.integers(depth), rng.integers(min(depth, 4)), depth - 1,
                                depth, 255])) & 0xFF
        word = int(rng.choice([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 7]))
        near = int(rng.choice([0] * 12 + [1, 2, 3]))
        data = int(rng.integers(1 << 32)) >> int(rng.integers(32))
        access, write = int(rng.random() < 0.8), int(rng.random() < 0.6 and clock > UNWRITTEN)
        locked, first = int(rng.random() < 0.3), int(rng.integers(depth))
        last = int(rng.integers(first, depth))
        spoil, index = int(rng.random() < 0.1), int(rng.integers(depth))
        seen = yield {
            "bus.access": access, "bus.write": write, "bus.data": data,
            # Bits above the table's window are others' affair.
            "bus.address": (descriptor_address(entry, word) | near | int(
                rng.integers(8)) << 13) & 0xFFFF,
            "locked": locked, "first": first, "last": last, "bad_parity": spoil, "index": index}
        for name, value in wanted.items():
            assert seen[name] == value, f"{name} must be {value:#x}, not {seen[name]:#x}"

        faults = {"unaligned": near != 0, "beyond": entry >= depth, "word": word >= len(WORDS),
                  "locked": bool(write and locked and first <= entry <= last)}
        allowed = not any(faults.values())
        words = [table.get((index, k), 0) for k in range(len(WORDS))]
        wanted = {"descriptor": pattern(fields(words)),
                  "parity_error": int(parity and any((index, k) in bad for k in range(5)))}
        if access:
            wanted["bus.refused"] = int(not allowed)
            if not write:
                wanted["bus.read"] = table.get((entry, word), 0) if allowed else 0
                tally["read"] += bool(wanted["bus.read"])
            if sum(faults.values()) == 1:
                tally[next(name for name, found in faults.items() if found)] += 1
        if access and write and allowed:
            if index == entry:
                # Who writes what is being read reads either.
                del wanted["descriptor"], wanted["parity_error"]
            table[entry, word] = data & EXISTS[word]
            tally["written"] += 1
            tally["bad"] += spoil
            tally["healed"] += not spoil and (entry, word) in bad
            (bad.add if spoil else bad.discard)((entry, word))
    if depth == 256:
        del tally["beyond"]
    assert min(tally.values()) > 20, tally


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng), outputs=OUTPUTS, deadline=CLOCKS + 10)
