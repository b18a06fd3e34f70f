"""CountSums: counts and differences, up to the largest sums there are, and who reads beside."""

import numpy as np

from golden.presets import tiny
from golden.registers import MOST_REPEATS, SUM_BASE, sum_address
from hw.readout.count_sums import CountSums, sum_shape
from hw.readout.payloads import group_of_counts
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import encode, mask
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
        self.seen = dict.fromkeys(
            ("reads", "refused", "done", "inspected", "inspected instead"), 0)

    def clock(self, *, group=None, counts=None, first=0, last=0, negative=0, difference=0,
              access=None, column=None):
        """One clock; a ``group`` of ``counts`` (2, lanes) arrives unless it is None.

        The sum of ``column`` is asked for unless it is None; the bus is refused then.
        """
        config, rng, lanes = self.config, self.rng, self.config.nmpu.lanes
        arrives = group is not None
        if not arrives:  # what is not offered must not be looked at
            group, first, last = int(rng.integers(config.groups)), 1, 1
            counts = rng.integers(1 << config.readout.counter_bits, size=(2, lanes))
        address, write = access or (SUM_BASE, int(rng.integers(2)))
        self.inputs.append({
            "i.valid": int(arrives), "negative": negative, "difference": difference,
            "inspect": int(column is not None),
            "column": int(rng.integers(config.array.columns)) if column is None else column,
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
        self._answer = self._bus(address, write, column is not None) if access else {}
        if column is not None:
            open_ = self._open(column)
            self.seen["inspected"] += not open_ and self.sums[column] is not None
            self._answer |= {"sum": None if open_ or self.sums[column] is None else
                             self.sums[column] & mask(sum_shape(config).width)}
        # A sum is complete two clocks after its count, and open in between.
        if self._adding is not None:
            known, values, start = self._adding
            for column, value in enumerate(values, known * lanes):
                self.sums[column] = value + (0 if start else self.sums[column])
        added = counts[0] - counts[1] if difference else counts[negative]
        self._adding = (group, [int(c) for c in added], first) if arrives else None

    def _open(self, column):
        """Whether the sum of a column is changing."""
        return self._adding is not None and self._adding[0] == column // self.config.nmpu.lanes

    def _bus(self, address, write, inspected):
        column, rest = divmod(address - SUM_BASE, 4)
        if write or rest or column >= self.config.array.columns or inspected:
            self.seen["refused"] += 1
            self.seen["inspected instead"] += inspected
            return {"bus.refused": 1, **({} if write else {"bus.read": 0})}
        open_ = self._open(column)
        self.seen["reads"] += not open_ and self.sums[column] is not None
        return {"bus.refused": 0, "bus.read": None if open_ or self.sums[column] is None else
                self.sums[column] & mask(32)}

    def random_column(self):
        return int(self.rng.integers(self.config.array.columns)) if (
            self.rng.random() < 0.3) else None

    def random_access(self):
        columns = self.config.array.columns
        column = int(self.rng.choice([*range(columns), columns, 1023]))
        return (sum_address(column) + int(self.rng.choice([0] * 9 + [1, 2, 3])),
                int(self.rng.random() < 0.1))


def measurement(rows, repeats, *, idle, counts=None, difference=None):
    """Block by block, window by window, group by group; then every sum is read back."""
    config, rng = rows.config, rows.rng
    lanes = config.nmpu.lanes
    told = {"negative": int(rng.integers(2)),
            "difference": int(rng.integers(2)) if difference is None else difference}
    per_block = config.groups // config.blocks
    for block in range(config.blocks):
        for k in range(repeats):
            for group in range(block * per_block, (block + 1) * per_block):
                while rng.random() < idle:
                    rows.clock(**told, access=rows.random_access(), column=rows.random_column())
                given = (rng.integers(1 << config.readout.counter_bits, size=(2, lanes))
                         if counts is None else counts)
                rows.clock(group=group, counts=given, first=int(k == 0), **told,
                           last=int(k == repeats - 1), column=rows.random_column(),
                           access=rows.random_access() if rng.random() < 0.5 else None)
    for _ in range(2):
        rows.clock(**{name: 1 - value for name, value in told.items()})
    assert None not in rows.sums
    for column in range(config.array.columns):
        rows.clock(access=(sum_address(column), 0), negative=int(rng.integers(2)))
        rows.clock(column=column)
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
        for p, n, difference in ((top, top, 0), (top, 0, 1), (0, top, 1)):
            counts = np.repeat([[p], [n]], config.nmpu.lanes, axis=1)
            measurement(rows, MOST_REPEATS, idle=0, counts=counts, difference=difference)
            wanted = (p - n if difference else top) * MOST_REPEATS
            assert rows.sums == [wanted] * config.array.columns
    assert rows.seen["reads"] > 10 and rows.seen["refused"] > 20, rows.seen
    assert rows.seen["inspected"] > 20 and (not idle or rows.seen["inspected instead"]), rows.seen
    assert rows.seen["done"] == 17 + 3 * (variant == "largest")
    return PipelineAgent(Pipeline(inputs=rows.inputs, outputs=rows.outputs, latency=0,
                                  enable=None), rng, max_stall=max_stall)
