"""The lanes against the FP16 unit they replace: time, throughput per area, and area.

Everything is of one run on one library, and what is compared with what is in docs/synthesis.md.
"""

from dataclasses import dataclass

from rich.table import Table

from golden.presets import preset
from tb.figures import Figure
from tb.synth.libraries import DEFAULT

__all__ = ["HERMES_MHZ", "PUBLISHED", "WANTED", "Comparison", "figures_of_comparison",
           "table_of_comparison"]

HERMES_MHZ = 400.0
"""Highest clock of the FP16 unit of the HERMES chip: Le Gallo et al., Nature Electronics 6,
680-693, 2023."""
PUBLISHED = {"time": 139.0, "area": 7.8, "lane": 505.0}
"""Abstract of Ferro et al., ISCAS 2024, arXiv 2402.07549: time of a vector, area of 64 units, and
of one unit, each against one whole FP16 unit in 14 nm."""
WANTED = (("hermes", "published_lane"), ("hermes", "full_lane"), ("hermes", "fp16_datapath"),
          ("hermes", "fp16_unit"), ("hermes", "plain_nmpu"), ("hermes", "nmpu"),
          ("hermes", "deep_nmpu"), ("wide", "deep_nmpu"))
"""Preset and block of the records that a comparison is made of."""


@dataclass(frozen=True)
class Comparison:
    """Ratios, above 1 where ours is better.

    Parameters
    ----------
    records : dict
        Those of `WANTED`, timed by OpenSTA.
    """

    records: dict

    @staticmethod
    def of(records):
        """The comparison that a run's records allow; None if one is missing or was not timed."""
        found = {(r["preset"], r["block"]): r for r in records if r["library"] == DEFAULT}
        timed = {key: r for key, r in found.items() if r["timing"]["by"].startswith("OpenSTA")}
        return Comparison(timed) if all(key in timed for key in WANTED) else None

    def clock(self, name, block):
        """Highest clock of a block, MHz."""
        return self.records[name, block]["timing"]["max_clock_mhz"]

    def fp16_clock(self, *, at_hermes):
        """Clock of the FP16 unit: that of the chip, or its own, of its two mappings the better."""
        return HERMES_MHZ if at_hermes else max(
            self.clock("hermes", block) for block in ("fp16_unit", "fp16_datapath"))

    def speed(self, name, *, at_hermes):
        """Steady state: clocks from vector to vector, each unit at its own clock."""
        config = preset(name)
        fp16 = config.array.columns / self.fp16_clock(at_hermes=at_hermes)
        return fp16 / (config.groups / self.clock(name, "deep_nmpu"))

    def latency(self, name, *, at_hermes):
        """From the first counts of a vector to its last result."""
        config = preset(name)

        def clocks(beats, record):
            return beats - 1 + record["latency"]

        fp16 = clocks(config.array.columns, self.records["hermes", "fp16_unit"])
        ours = clocks(config.groups, self.records[name, "deep_nmpu"])
        ours /= self.clock(name, "deep_nmpu")
        return fp16 / self.fp16_clock(at_hermes=at_hermes) / ours

    def throughput_per_area(self, lane, *, at_hermes):
        """Results per second and um2, datapath against datapath."""
        fp16 = self.fp16_clock(at_hermes=at_hermes) / self.area("fp16_datapath")
        return self.clock("hermes", lane) / self.area(lane) / fp16

    def area(self, block, *, macro=False):
        """Area of a block of the preset ``hermes``, um2; with ``macro``, of coefficients in one."""
        record = self.records["hermes", block]
        return record["memory"]["with_macro_um2"] if macro else record["area_um2"]

    def unit_area(self, *, macro, ours="plain_nmpu", fp16_lanes=1):
        """All of ours against an FP16 unit; each lane more than one is a datapath more."""
        fp16 = self.area("fp16_unit", macro=macro) + (fp16_lanes - 1) * self.area("fp16_datapath")
        return fp16 / self.area(ours, macro=macro)

    @property
    def lanes(self):
        """Lanes of ours in `unit_area`."""
        return preset("hermes").nmpu.lanes


def figures_of_comparison(comparison, command):
    """Figures of the targets, and of what is to be read beside them."""
    def figure(name, value, target=None):
        given = {"unit": "times", "command": command}
        return (Figure.reported(f"synth.{name}", value, **given) if target is None else
                Figure.at_least(f"synth.{name}", value, target, **given))

    c, found = comparison, []
    for at_hermes, clock in ((True, ""), (False, "_own_clock")):
        for name, lanes in (("hermes", ""), ("wide", "_128_lanes")):
            wanted = (name == "hermes") == at_hermes
            found += [figure(f"speed_vs_fp16{clock}{lanes}", c.speed(name, at_hermes=at_hermes),
                             PUBLISHED["time"] if wanted else None),
                      figure(f"latency_vs_fp16{clock}{lanes}",
                             c.latency(name, at_hermes=at_hermes))]
        for lane, prefix in (("published_lane", ""), ("full_lane", "full_lane_")):
            wanted = at_hermes and lane == "published_lane"
            found.append(figure(f"{prefix}throughput_per_area_vs_fp16{clock}",
                                c.throughput_per_area(lane, at_hermes=at_hermes),
                                15 if wanted else None))
    for macro, storage in ((False, ""), (True, "_macro")):
        found += [figure(f"area_vs_fp16{storage}", c.unit_area(macro=macro)),
                  figure(f"area_vs_64_fp16_lanes{storage}",
                         c.unit_area(macro=macro, fp16_lanes=c.lanes)),
                  figure(f"area_per_lane_vs_fp16{storage}", c.lanes * c.unit_area(macro=macro)),
                  figure(f"whole_area_vs_fp16{storage}", c.unit_area(macro=macro, ours="nmpu"))]
    return found


def table_of_comparison(comparison):
    """Ours beside what was published of the NMPU."""
    c, table = comparison, Table("ratio", title="Against the FP16 unit", title_justify="left")
    for heading in ("ours", "with macros (assumed)", "published"):
        table.add_column(heading, justify="right")

    def row(label, values, published=None):
        table.add_row(label, *(f"{value:,.3g}x" for value in values),
                      *[""] * (2 - len(values)), f"{published:g}x" if published else "")

    for name in ("hermes", "wide"):
        for at_hermes in (True, False):
            clock = c.fp16_clock(at_hermes=at_hermes)
            row(f"time per vector, {preset(name).nmpu.lanes} lanes, FP16 at {clock:,.0f} MHz",
                [c.speed(name, at_hermes=at_hermes)],
                PUBLISHED["time"] if name == "hermes" and at_hermes else None)
    storage = (False, True)
    row("area, 64 lanes against one FP16 unit", [c.unit_area(macro=m) for m in storage],
        PUBLISHED["area"])
    row("area, one lane of 64 against one FP16 unit",
        [c.lanes * c.unit_area(macro=m) for m in storage], PUBLISHED["lane"])
    row("area, 64 lanes against 64 FP16 lanes",
        [c.unit_area(macro=m, fp16_lanes=c.lanes) for m in storage])
    row("area, the NMPU of the tile against one FP16 unit",
        [c.unit_area(macro=m, ours="nmpu") for m in storage])
    for lane in ("published_lane", "full_lane"):
        row(f"area, {lane} against FP16 datapath", [c.area("fp16_datapath") / c.area(lane)])
    return table
