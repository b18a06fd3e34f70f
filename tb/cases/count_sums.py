"""CountSums: measurements of any length, up to the largest sum there is, and the bus beside."""

import numpy as np

from golden.presets import tiny
from golden.registers import MOST_REPEATS, SUM_BASE, sum_address
from hw.readout.count_sums import CountSums
from hw.readout.payloads import group_of_counts
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import encode
from tb.cases.configs import CONFIGS

VARIANTS = {
    **{name: CONFIGS[name] for name in ("tiny", "one_group", "one_lane", "three_groups",
                                        "two_blocks", "four_blocks")},
    "largest": tiny.replace(array={"columns": 2}, readout={"counter_bits": 5}),
}


def build(variant):
    return CountSums(VARIANTS[variant])


class Rows:
    """Inputs and what follows from them, clock by clock."""

    def __init__(self, config, rng):
        self.config, self.rng = config, rng
        self.inputs, self.outputs = [], []
        self.sums = [None] * config.array.columns
        self._answer, self._done, self._adding = {}, [0, 0], None
        self.seen = {"reads": 0, "refused": 0, "done": 0}

    def clock(self, *, group=None, counts=None, first=0, last=0, negative=0, access=None):
        """One clock; a ``group`` of ``counts`` (2, lanes) arrives unless it is None."""
        config, rng, lanes = self.config, self.rng, self.config.nmpu.lanes
        arrives = group is not None
        if not arrives:  # what is not offered must not be looked at
            group, first, last = int(rng.integers(config.groups)), 1, 1
            counts = rng.integers(1 << config.readout.counter_bits, size=(2, lanes))
        address, write = access or (SUM_BASE, int(rng.integers(2)))
        self.inputs.append({
            "i.valid": int(arrives), "negative": negative,
            "i.payload": encode(group_of_counts(config), {
                "counts": {"p": counts[0].tolist(), "n": counts[1].tolist()}, "group": group,
                "tag": {"first": first, "last": last, "measure": 1,
                        "block": group * lanes // config.counters}}),
            "bus.access": int(access is not None), "bus.write": write, "bus.address": address,
            "bus.data": int(rng.integers(1 << 32))})
        self.outputs.append({"i.ready": 1, "done": self._done.pop(0), **self._answer})
        if len(self.outputs) == 1:
            del self.outputs[0]["done"]

        self._done.append(int(arrives and last and group == config.groups - 1))
        self.seen["done"] += self._done[-1]
        self._answer = self._bus(address, write) if access else {}
        # A sum is complete two clocks after its count, and open in between.
        if self._adding is not None:
            known, values, start = self._adding
            for column, value in enumerate(values, known * lanes):
                self.sums[column] = value + (0 if start else self.sums[column])
        self._adding = (group, [int(c) for c in counts[negative]], first) if arrives else None

    def _bus(self, address, write):
        column, rest = divmod(address - SUM_BASE, 4)
        if write or rest or column >= self.config.array.columns:
            self.seen["refused"] += 1
            return {"bus.refused": 1, **({} if write else {"bus.read": 0})}
        open_ = self._adding is not None and self._adding[0] == column // self.config.nmpu.lanes
        self.seen["reads"] += not open_ and self.sums[column] is not None
        return {"bus.refused": 0, "bus.read": None if open_ else self.sums[column]}

    def random_access(self):
        columns = self.config.array.columns
        column = int(self.rng.choice([*range(columns), columns, 1023]))
        return (sum_address(column) + int(self.rng.choice([0] * 9 + [1, 2, 3])),
                int(self.rng.random() < 0.1))


def measurement(rows, repeats, *, idle, counts=None):
    """Block by block, window by window, group by group; then every sum is read back."""
    config, rng = rows.config, rows.rng
    negative, lanes = int(rng.integers(2)), config.nmpu.lanes
    per_block = config.groups // config.blocks
    for block in range(config.blocks):
        for k in range(repeats):
            for group in range(block * per_block, (block + 1) * per_block):
                while rng.random() < idle:
                    rows.clock(negative=negative, access=rows.random_access())
                given = (rng.integers(1 << config.readout.counter_bits, size=(2, lanes))
                         if counts is None else counts)
                rows.clock(group=group, counts=given, first=int(k == 0), negative=negative,
                           last=int(k == repeats - 1),
                           access=rows.random_access() if rng.random() < 0.5 else None)
    for _ in range(2):
        rows.clock(negative=1 - negative)
    assert None not in rows.sums
    for column in range(config.array.columns):
        rows.clock(access=(sum_address(column), 0), negative=int(rng.integers(2)))
    for _ in range(3):
        rows.clock()


def agent(variant, rng, *, max_idle, max_stall):
    config = VARIANTS[variant]
    rows = Rows(config, rng)
    idle = 0.4 if max_idle else 0
    rows.clock()
    for repeats in (1, 2, 1, 3, 40, *rng.integers(1, 9, 12).tolist()):
        measurement(rows, repeats, idle=idle)
    if variant == "largest":
        top = (1 << config.readout.counter_bits) - 1
        measurement(rows, MOST_REPEATS, idle=0, counts=np.full((2, config.nmpu.lanes), top))
        assert rows.sums == [top * MOST_REPEATS] * config.array.columns
    assert rows.seen["reads"] > 10 and rows.seen["refused"] > 20, rows.seen
    assert rows.seen["done"] == 17 + (variant == "largest")
    return PipelineAgent(Pipeline(inputs=rows.inputs, outputs=rows.outputs, latency=0,
                                  enable=None), rng, max_stall=max_stall)
