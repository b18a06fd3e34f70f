"""Power of blocks as a table, and the energy of a vector against that of the FP16 unit."""

from dataclasses import dataclass

from rich.table import Table

from golden.presets import hermes
from tb.figures import Figure
from tb.power.record import MEASURED
from tb.power.work import BUSY, WINDOW_CLOCKS, WINDOWS

__all__ = ["VectorEnergy", "energies", "figures_of_energy", "table_of_energy", "table_of_power"]

_FP16 = "fp16_datapath"
_LANES = ("lane", "published_lane")


def table_of_power(records):
    """One row per block and kind of work; None if no record has power."""
    found = [record for record in records if "power" in record]
    if not found:
        return None
    table = Table("block", "activity", title="Power before layout, without clock tree and spikes",
                  title_justify="left")
    for heading in ("changes per net", "pJ/clock", "of it clock", "MHz", "dynamic mW",
                    "leakage mW"):
        table.add_column(heading, justify="right")
    for record in found:
        power = record["power"]
        for kind, work in power["works"].items():
            table.add_row(
                record["block"], power["activity"] + (f", {kind}" if kind else ""),
                f"{work['changes']:.3f}", f"{work['dynamic_pj']:.3f}", f"{work['clock']:.3f}",
                f"{power['clock_mhz']:,.0f}", f"{work['dynamic_mw']:.3f}",
                f"{work['leakage_mw']:.4f}")
    return table


@dataclass(frozen=True, kw_only=True)
class VectorEnergy:
    """Energy of all columns of a read, in pJ.

    Members
    -------
    name : str
        Block, and kind of work.
    clock, logic : float
        Dynamic energy, in two parts.
    leakage : float
        Of the time that the read takes at the highest clock of the block.
    """

    name: str
    clock: float
    logic: float
    leakage: float

    @property
    def total(self):
        return self.clock + self.logic + self.leakage


def energies(records):
    """`VectorEnergy` by block and kind of work, of the records of the default preset that were
    measured.

    A lane alone takes a column of each group, so all lanes together take a vector; the FP16 unit
    takes a column in each of as many clocks as there are columns.
    """
    found = {}
    for record in records:
        power = record.get("power")
        if record["preset"] != "hermes" or not power or power["activity"] != MEASURED:
            continue
        for kind, work in power["works"].items():
            copies, clocks = (1, hermes.array.columns) if record["block"] == _FP16 else (
                hermes.nmpu.lanes, WINDOW_CLOCKS if kind == WINDOWS else hermes.groups)
            nanoseconds = clocks * 1000 / power["clock_mhz"]
            found[record["block"], kind] = VectorEnergy(
                name=f"{record['block']}, {kind}", clock=copies * clocks * work["clock"],
                logic=copies * clocks * (work["dynamic_pj"] - work["clock"]),
                leakage=copies * work["leakage_mw"] * nanoseconds)
    return found


def figures_of_energy(found, command):
    """Figures of `energies`; none if the FP16 unit or a lane is not among them."""
    if not {(_FP16, BUSY), *((lane, BUSY) for lane in _LANES)} <= found.keys():
        return []
    names = {("lane", WINDOWS): "", ("lane", BUSY): "busy_",
             ("published_lane", WINDOWS): "published_",
             ("published_lane", BUSY): "published_busy_", (_FP16, BUSY): "fp16_"}
    return [Figure.reported(f"synth.{prefix}energy_per_{what}_pj", found[key].total / number,
                            unit="pJ", command=command)
            for key, prefix in names.items()
            for what, number in (("vector", 1), ("output", hermes.array.columns))]


def table_of_energy(found):
    """Energy of a vector of all columns, by block and kind of work."""
    table = Table("datapaths at work", title=f"Energy of {hermes.array.columns} columns, pJ",
                  title_justify="left")
    for heading in ("clock", "logic", "leakage", "together", "per output"):
        table.add_column(heading, justify="right")
    for energy in found.values():
        table.add_row(energy.name, *(f"{value:,.1f}" for value in (
            energy.clock, energy.logic, energy.leakage, energy.total)),
            f"{energy.total / hermes.array.columns:,.2f}")
    return table
