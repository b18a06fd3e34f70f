"""Decode: accesses at and around the ends of every part, answered by parts that differ."""

from golden.registers import (
    ADDRESS_BITS,
    CHAIN_BASE,
    CHANNEL_BASES,
    COEFFICIENT_BASE,
    DESCRIPTOR_BASE,
    DRIFT_BASE,
    PAGES,
    PROGRAM_BASE,
    SATURATED_BASE,
    SUM_BASE,
    VECTOR_BASE,
    coefficient_address,
    saturated_address,
    sum_address,
    vector_address,
)
from hw.control.decode import Decode
from tb.agents.pipeline import Pipeline, PipelineAgent

VARIANTS = ("all",)
PARTS = {"registers": (0, 0x1000), "drift": (DRIFT_BASE, DRIFT_BASE + 0x1000),
         "saturated": (SATURATED_BASE, SATURATED_BASE + 0x1000),
         "sums": (SUM_BASE, SUM_BASE + 0x1000),
         **{f"channel_{name}": (base, base + 0x1000) for name, base in CHANNEL_BASES.items()},
         "vectors": (VECTOR_BASE, VECTOR_BASE + 0x1000),
         "coefficients": (COEFFICIENT_BASE, 0x10000),
         "descriptors": (DESCRIPTOR_BASE, DESCRIPTOR_BASE + 256 * 32),
         "program": (PROGRAM_BASE, PROGRAM_BASE + 0x1000),
         "chain": (CHAIN_BASE, CHAIN_BASE + 0x1000)}
"""First address, and the first beyond."""

MOST_COLUMNS = 1024


def build(variant):
    return Decode()


def owner(address):
    """The part that an address belongs to, or None."""
    return next((name for name, (low, high) in PARTS.items() if low <= address < high), None)


def agent(variant, rng, *, max_idle, max_stall):
    # The parts hold everything that the map places.
    pages = {0: "registers", DRIFT_BASE: "drift", PROGRAM_BASE: "program", CHAIN_BASE: "chain"}
    assert {0, DRIFT_BASE, CHAIN_BASE} <= {page.base for page in PAGES} <= {*pages}
    for page in PAGES:
        assert {owner(r.offset) for r in page.registers} == {pages[page.base]}
    assert {owner(vector_address(v, row, rows=256)) for v in (0, 15)
            for row in (0, 255)} == {"vectors"}
    last = MOST_COLUMNS - 1
    assert {owner(saturated_address(c)) for c in (0, last)} == {"saturated"}
    assert {owner(sum_address(c)) for c in (0, last)} == {"sums"}
    assert {owner(coefficient_address(c, n)) for c in (0, last)
            for n in ("scale_p", "norm_bias")} == {"coefficients"}

    edges = [(end + near) % (1 << ADDRESS_BITS) for low, high in PARTS.values()
             for end in (low, high) for near in (-4, -1, 0, 1, 4)]
    edges += [1 << k for k in range(ADDRESS_BITS)]
    addresses = [*edges, *edges, *rng.integers(1 << ADDRESS_BITS, size=1500).tolist()]
    inputs, outputs = [], []
    before = None
    for k in rng.permutation(len(addresses)):
        access, address = int(rng.random() < 0.7), addresses[k]
        row = {"bus.access": access, "bus.write": int(rng.integers(2)), "bus.address": address,
               "bus.data": int(rng.integers(1 << 32))}
        for name in PARTS:
            row |= {f"{name}.read": int(rng.integers(1 << 32)),
                    f"{name}.refused": int(rng.integers(2))}
        wanted = {}
        for name in PARTS:
            wanted[f"{name}.access"] = int(access and name == owner(address))
            if wanted[f"{name}.access"]:
                wanted |= {f"{name}.{field}": row[f"bus.{field}"]
                           for field in ("write", "address", "data")}
        if before and before["bus.access"]:
            part = owner(before["bus.address"])
            wanted["bus.refused"] = row[f"{part}.refused"] if part else 1
            wanted["bus.read"] = row[f"{part}.read"] if part else 0
        inputs.append(row)
        outputs.append(wanted)
        before = row
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
