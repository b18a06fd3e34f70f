"""The highest clocks of the NMPU and of the control beside it, against 1 GHz."""

from rich.table import Table

from tb.figures import Figure
from tb.synth.libraries import DEFAULT

__all__ = ["CONTROL", "NMPU", "TARGET_MHZ", "figures_of_clocks", "table_of_clocks"]

TARGET_MHZ = 1000
CONTROL = ("sequencer", "chain_checker", "dispatcher", "supervisor", "registers", "axi_lite")
"""What starts, checks and stops the tile's work."""
NMPU = ("deep_nmpu", "plain_nmpu", "nmpu")
"""Deep lanes, short ones, and short ones with all that the tile adds."""


def _clocks(records, blocks):
    return {record["block"]: record["timing"] for record in records
            if record["library"] == DEFAULT and record["preset"] == "hermes"
            and record["block"] in blocks and record["timing"]["by"].startswith("OpenSTA")}


def figures_of_clocks(records, command):
    """Figures of the records of `hermes`; none where OpenSTA has not timed all of a group."""
    found, slowest = [], []
    for name, blocks in (("nmpu", NMPU), ("control", CONTROL)):
        clocks = _clocks(records, blocks)
        if clocks.keys() != set(blocks):
            continue
        decides = "deep_nmpu" if name == "nmpu" else min(clocks, key=_max_mhz(clocks))
        slowest.append(clocks[decides]["max_clock_mhz"])
        found += [
            Figure.at_least(f"synth.{name}_fmax", clocks[decides]["max_clock_mhz"], TARGET_MHZ,
                            unit="MHz", command=command),
            *(Figure.reported(f"synth.{name}_fmax.{block}", clocks[block]["max_clock_mhz"],
                              unit="MHz", command=command) for block in blocks)]
    if len(slowest) == 2:
        fmax = min(slowest)
        found += [
            Figure.at_least("synth.fmax_mhz", fmax, TARGET_MHZ, unit="MHz", command=command),
            Figure.reported("synth.fmax_slack", 1000 / TARGET_MHZ - 1000 / fmax, unit="ns",
                            command=command)]
    return found


def _max_mhz(clocks):
    return lambda block: clocks[block]["max_clock_mhz"]


def table_of_clocks(records):
    """Slack at `TARGET_MHZ` and the path that decides, the slowest first; None without any."""
    clocks = _clocks(records, (*NMPU, *CONTROL))
    if not clocks:
        return None
    table = Table("block", title=f"Clocks against {TARGET_MHZ:,} MHz", title_justify="left")
    for heading in ("max MHz", "slack ns"):
        table.add_column(heading, justify="right")
    table.add_column("slowest path between flip-flops", overflow="fold")
    for block in sorted(clocks, key=_max_mhz(clocks)):
        timing = clocks[block]
        path = timing["inner"] or timing["worst"]
        table.add_row(block, f"{timing['max_clock_mhz']:,.0f}",
                      f"{1000 / TARGET_MHZ - 1000 / timing['max_clock_mhz']:+.3f}",
                      f"{path['start']} -> {path['end']}")
    return table
