"""Where the gates and the depth of a lane are: the generic count of the lane and of its parts."""

import re
from dataclasses import asdict

from rich.table import Table

from tb.figures import Figure
from tb.synth.blocks import BLOCKS
from tb.synth.generic import count_gates
from tb.synth.measure import FOLDER
from tb.synth.published_lane import one_group

__all__ = ["PARTS", "count_lane", "figures_of_lane", "table_of_lane"]

PARTS = ("combine", "gather", "normalise", "requantise", "lane", "deep_lane", "full_lane",
         "published_lane")


def count_lane(config):
    """The `GateCount` of each of `PARTS` by name, and of ``gather, one column``.

    A part alone is optimised alone, so the parts sum up to a little more or less than the lane.
    ``gather, one column`` keeps one sum instead of one per group: what it lacks is memory.
    """
    single = one_group(config)
    jobs = {**{name: (name, config) for name in PARTS}, "gather, one column": ("gather", single)}
    return {name: count_gates(BLOCKS[block](of), top=block,
                              folder=FOLDER / "generic" / re.sub(r"\W+", "-", name))
            for name, (block, of) in jobs.items()}


def figures_of_lane(counts, command):
    """The figures of the targets of one lane, and of what was counted beside them."""
    def gates(name, value, bound):
        return Figure.at_most(name, value, bound, unit="gates", command=command)

    lane, full = counts["published_lane"], counts["full_lane"]
    return [
        gates("synth.lane_gates", lane.gates, 2300),
        gates("synth.lane_depth", lane.depth, 20),
        gates("synth.full_lane_gates", full.gates, 4000),
        gates("synth.full_lane_depth", full.depth, 20),
        *(Figure.reported(f"synth.{name}_{what}", getattr(counts[block], what), unit="gates",
                          command=command)
          for name, block in (("tile_lane", "lane"), ("deep_tile_lane", "deep_lane"))
          for what in ("gates", "depth")),
    ]


def table_of_lane(counts):
    """A table of every count."""
    table = Table("part", title="One lane in generic gates (Yosys abc -g cmos4, -lut 4)",
                  title_justify="left")
    for heading in ("gates", "depth", "LUT4", "LUT depth", "flip-flops"):
        table.add_column(heading, justify="right")
    for name, count in counts.items():
        values = asdict(count)
        table.add_row(name, *(f"{values[key]:,}"
                              for key in ("gates", "depth", "luts", "lut_depth", "flops")),
                      style="bold" if name.endswith("lane") else None)
    return table
