"""In `hw.nmpu.nmpu.Nmpu`: what is added up for the drift engine, behind the accumulators."""

from amaranth.hdl import Cat, Signal
from amaranth.lib import wiring

from golden.registers import CHANNEL_BASES
from hw.nmpu.exit import NONE
from hw.nmpu.payloads import ends
from hw.nmpu.statistics import Statistics
from hw.nmpu.tally import Tally

__all__ = ["add_statistics", "add_tally"]


def add_tally(m, nmpu, config, lanes, *, stages, waits, step, late):
    """Sums of the readouts of calibration vectors.

    Parameters
    ----------
    m : Module
    nmpu : Nmpu
    config : TileConfig
    lanes : list of Lane
    stages : list
        From that of the readouts that are being added to that of their sums.
    waits : Value
        The first one stands still.
    step : Value
        They advance.
    late : bool
        Lanes follow a clock behind.

    Returns
    -------
    Value
        Readouts for it are inside.
    """
    m.submodules.tally = tally = Tally(config)
    wiring.connect(m, wiring.flipped(nmpu.tally), tally.bus)
    adding, summing, gathered = stages[0], stages[-2], stages[-1]
    tallying = Signal(len(stages) - 1)
    with m.If(step):
        m.d.sync += tallying.eq(Cat(
            adding.valid & adding.tag.last & adding.tag.calibrate & ~waits, tallying))
    with m.If(nmpu.flush):
        m.d.sync += tallying.eq(0)
    valid = tallying[-1]
    now = _with_lanes(m, nmpu, {
        "en": step, "next_group": summing.group, "group": gathered.group, "valid": valid,
        "restart": gathered.tag.restart,
        "complete": step & valid & gathered.tag.complete & ends(gathered)}, late=late)
    m.d.comb += [
        *(getattr(tally, name).eq(now[name])
          for name in ("en", "next_group", "group", "valid", "restart")),
        nmpu.tallied.eq(now["complete"]),
        tally.slot.eq(nmpu.tally_slot),
        tally.absolute.eq(nmpu.tally_absolute),
        *(tally.i[k].eq(lane.gathered) for k, lane in enumerate(lanes)),
    ]
    return tallying.any() | now["valid"]


def add_statistics(m, nmpu, config, lanes, *, gathered, step, late):
    """Sums of what results are made of; returns whether something for them is inside."""
    m.submodules.statistics = statistics = Statistics(config)
    for name in CHANNEL_BASES:
        wiring.connect(m, wiring.flipped(getattr(nmpu, f"channel_{name}")),
                       getattr(statistics, name))
    now = _with_lanes(m, nmpu, {
        "en": step, "valid": gathered.valid & (gathered.tag.destination != NONE),
        "group": gathered.group, "first_group": gathered.tag.first_group,
        "last_group": gathered.tag.last_group, "start": nmpu.batch}, late=late)
    m.d.comb += [
        statistics.flush.eq(nmpu.flush),
        statistics.results.eq(nmpu.batch_results),
        statistics.shift.eq(nmpu.batch_shift),
        *(getattr(statistics, name).eq(value) for name, value in now.items()),
        *(statistics.i[k].eq(lane.gathered) for k, lane in enumerate(lanes)),
        nmpu.batch_done.eq(statistics.done),
        nmpu.batch_clipped.eq(statistics.clipped),
    ]
    return statistics.busy


def _with_lanes(m, nmpu, values, *, late):
    """The same when the lanes get to it."""
    if not late:
        return values
    kept = {name: Signal.like(value, name=f"{name}_late") for name, value in values.items()}
    for name, value in values.items():
        m.d.sync += kept[name].eq(value)
        with m.If(nmpu.flush):
            m.d.sync += kept[name].eq(0)
    return kept
