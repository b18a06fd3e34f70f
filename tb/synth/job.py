"""What one run synthesises: libraries, presets and blocks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from golden.presets import preset as find_preset
from tb.synth.blocks import COEFFICIENTS, QUICK, choose_blocks
from tb.synth.liberty import LibertyError, Library
from tb.synth.libraries import DEFAULT, LIBRARIES, find_library
from tb.synth.measure import coefficient_logic, measure
from tb.synth.parts import Shared

__all__ = ["LANE_BLOCKS", "WORKERS", "Job", "plan", "run_jobs"]

WORKERS = 2
"""Each runs a tool that needs one core and, for a tile, about 2 GB."""

LANE_BLOCKS = ("combine", "gather", "normalise", "requantise", "lane", "published_lane",
               "fp16_datapath", "row_driver", "sequencer")
"""What the second library gets unless it is asked for: enough to compare technologies."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Blocks of one preset on one library, with or without their power."""

    library: Library
    preset: str
    blocks: tuple
    power: bool = False


def plan(*, presets, blocks, library):
    """The jobs of a run, and one line for each library that is missing.

    Parameters
    ----------
    presets : tuple of str
    blocks : str or None
        Names with commas between; None for all, and for the jobs that only the whole run has.
    library : str or None
        Name or path; None for all that are on this machine.

    Raises
    ------
    ValueError
        If something asked for by name does not exist or cannot be used.
    """
    chosen = {preset: choose_blocks(blocks, preset) for preset in presets}
    if library is not None:
        found = find_library(library)
        return [Job(library=found, preset=preset, blocks=names, power=found.label in LIBRARIES)
                for preset, names in chosen.items()], []

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
        for preset, names in chosen.items():
            names = names if first else tuple(name for name in names if name in LANE_BLOCKS)
            if names:
                jobs.append(Job(library=found, preset=preset, blocks=names, power=first))
        if first and blocks is None:
            jobs += _beside(found, presets)
    return jobs, missing


def _beside(library, presets):
    """What a whole run has of other presets: blocks that the tests hold to their budgets, 128 lanes
    for the comparison with the FP16 unit, and an NMPU whose power is measured."""
    wanted = [Job(library=library, preset="tiny", blocks=QUICK)]
    if "hermes" in presets:
        wanted += [Job(library=library, preset="wide", blocks=("deep_nmpu",)),
                   Job(library=library, preset="tiny", blocks=("nmpu",), power=True)]
    return [job for job in wanted if job.preset not in presets]


def run_jobs(jobs, *, period_ns, tell):
    """The records of each job; `WORKERS` blocks are mapped at the same time, equal parts once.

    Parameters
    ----------
    jobs : list of Job
    period_ns : float
        Target clock.
    tell : callable
        ``tell(job, block)`` is called when a block is started: the last ones of each job, which
        are the largest, come first.

    Returns
    -------
    list of list of dict
        In the order of jobs and blocks.

    Raises
    ------
    RuntimeError
        If Yosys or OpenSTA fails on a block.
    """
    def logic_of(job, block):
        return coefficient_logic(block, job.preset, find_preset(job.preset), job.library,
                                 period_ns=period_ns, shared=shared)

    def record_of(job, block):
        tell(job, block)
        logic = memories[job, COEFFICIENTS[block]].result() if block in COEFFICIENTS else None
        return measure(block, job.preset, find_preset(job.preset), job.library,
                       period_ns=period_ns, logic=logic, power=job.power, shared=shared)

    shared = Shared()
    pairs = [(job, block) for job in jobs for block in job.blocks]
    makers = {(job, COEFFICIENTS[block]): block for job, block in pairs if block in COEFFICIENTS}
    pool = ThreadPoolExecutor(WORKERS)
    try:
        # Submitted before all that wait for them.
        memories = {key: pool.submit(logic_of, key[0], block) for key, block in makers.items()}
        records = {(job, block): pool.submit(record_of, job, block)
                   for job in jobs for block in reversed(job.blocks)}
        return [[records[job, block].result() for block in job.blocks] for job in jobs]
    finally:
        pool.shutdown(cancel_futures=True)
