"""What one run synthesises: libraries, presets and blocks."""

from dataclasses import dataclass

from golden.presets import preset as find_preset
from tb.synth.blocks import BLOCKS, QUICK
from tb.synth.liberty import LibertyError, Library
from tb.synth.libraries import DEFAULT, LIBRARIES, find_library
from tb.synth.measure import coefficient_logic, measure

__all__ = ["LANE_BLOCKS", "Job", "plan", "run_job"]

LANE_BLOCKS = ("combine", "gather", "normalise", "requantise", "lane", "published_lane",
               "row_driver", "sequencer")
"""What the second library gets unless it is asked for: enough to compare technologies."""
_WITH_COEFFICIENTS = ("coefficients", "nmpu", "tile")


@dataclass(frozen=True, kw_only=True)
class Job:
    """Blocks of one preset on one library."""

    library: Library
    preset: str
    blocks: tuple


def plan(*, preset, blocks, library):
    """The jobs of a run, and one line for each library that is missing.

    Parameters
    ----------
    preset : str
    blocks : str or None
        Names with commas between; None for all, and for the jobs that only the whole run has.
    library : str or None
        Name or path; None for all that are on this machine.

    Raises
    ------
    ValueError
        If something asked for by name does not exist or cannot be used.
    """
    find_preset(preset)
    names = tuple(BLOCKS) if blocks is None else tuple(blocks.split(","))
    for name in names:
        if name not in BLOCKS:
            raise ValueError(f"block must be of {', '.join(BLOCKS)}, not {name!r}")
    if library is not None:
        return [Job(library=find_library(library), preset=preset, blocks=names)], []

    jobs, missing = [], []
    for label in LIBRARIES:
        try:
            found = find_library(label)
        except LibertyError as error:
            if label == DEFAULT:
                raise
            missing.append(str(error))
            continue
        first = label == DEFAULT
        if first and blocks is None and preset != "tiny":
            jobs.append(Job(library=found, preset="tiny", blocks=QUICK))
        chosen = names if first else tuple(name for name in names if name in LANE_BLOCKS)
        if chosen:
            jobs.append(Job(library=found, preset=preset, blocks=chosen))
    return jobs, missing


def run_job(job, *, period_ns, tell):
    """The records of a job; ``tell(block)`` is called before each."""
    config = find_preset(job.preset)
    logic, records = None, []
    for block in job.blocks:
        tell(block)
        if block in _WITH_COEFFICIENTS and logic is None:
            logic = coefficient_logic(job.preset, config, job.library, period_ns=period_ns)
        records.append(measure(block, job.preset, config, job.library, period_ns=period_ns,
                               logic=logic))
    return records
