"""Area, depth and clock period that each block may take, in `constraints/budgets.yaml`."""

import yaml

from tb.runner import ROOT
from tb.whole_file import write_whole

__all__ = ["MARGINS", "PATH", "excess", "load", "updated", "write"]

PATH = ROOT / "constraints" / "budgets.yaml"
MARGINS = {"area_um2": 0.03, "depth": 0.1, "period_ns": 0.03}
"""A block outgrows its budget when it is more than such a share above: below it, another build of
the same tools gives other numbers."""

_HEAD = """\
# What each block took when it was last accepted, by library and preset; `make budgets` writes it.
# `make synth` and the tests fail when one takes more than a margin above:
# {margins}.
# area_um2 holds memories as flip-flops; depth is the longest chain of cells within a module;
# period_ns is the shortest clock between flip-flops, before layout.
"""


def load(path=PATH):
    """The budgets by library, preset and block; empty if there is no file.

    Raises
    ------
    ValueError
        If the file is no YAML, or not what `write` makes.
    """
    return _read(path)["budgets"]


def _read(path):
    if not path.is_file():
        return {"tools": {}, "budgets": {}}
    try:
        found = yaml.safe_load(path.read_text())
        blocks = [budget for presets in found["budgets"].values() for blocks in presets.values()
                  for budget in blocks.values()]
        if all(isinstance(value, int | float) for budget in blocks for value in budget.values()):
            return {"tools": dict(found["tools"]), "budgets": found["budgets"]}
        reason = "there is one that is no number"
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
    except (AttributeError, KeyError, TypeError, ValueError):
        reason = "it has other members"
    raise ValueError(f"{path.name} must hold tools and budgets by library, preset and block: "
                     f"{reason}")


def _budget(budgets, record):
    return (budgets.get(record["library"], {}).get(record["preset"], {})
            .get(record["block"], {}))


def _taken(record):
    period = record["timing"]["period_ns"]
    timed = period is not None and record["timing"]["by"].startswith("OpenSTA")
    return {"area_um2": round(record["area_um2"], 1), "depth": record["depth"],
            **({"period_ns": round(period, 3)} if timed else {})}


def excess(budgets, record):
    """One line for each number of a record that is above its budget by more than the margin."""
    budget, taken = _budget(budgets, record), _taken(record)
    name = f"{record['library']} {record['preset']} {record['block']}"
    return [f"{name}: {key} is {value}, {value / budget[key] - 1:+.1%} of {budget[key]}"
            for key, value in taken.items()
            if key in budget and value > budget[key] * (1 + MARGINS[key])]


def updated(budgets, records):
    """The budgets with those of the records replaced; a period that was not timed is kept."""
    new = {library: {preset: dict(blocks) for preset, blocks in presets.items()}
           for library, presets in budgets.items()}
    for record in records:
        blocks = new.setdefault(record["library"], {}).setdefault(record["preset"], {})
        blocks[record["block"]] = {**_budget(budgets, record), **_taken(record)}
    return new


def write(budgets, tools, *, path=PATH):
    """Write the file, with the versions of the tools that gave the newest numbers, and of those
    that gave others before."""
    tools = {**_read(path)["tools"], **tools}
    margins = ", ".join(f"{key} {margin:.0%}" for key, margin in MARGINS.items())
    write_whole(path, _HEAD.format(margins=margins)
                + yaml.safe_dump({"tools": tools, "budgets": budgets}, sort_keys=False))
