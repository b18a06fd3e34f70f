"""What lanes are driven with: counts and coefficients of the digit classifier, and its results.

Reads come job by job, image by image, as a tile makes them; counts are those of programmed arrays,
see `golden.network.inference`.
"""

import itertools
import threading
from dataclasses import dataclass
from functools import cache

import numpy as np

from golden.array.device import PcmLike
from golden.formats import NmpuFormats
from golden.fp16 import Fp16Coefficients, process_fp16
from golden.network.digits import load_images, load_network
from golden.network.inference import ProgrammedNetwork
from golden.network.mapping import Job
from golden.nmpu import accumulate
from golden.requantise import requantise
from hw.baseline.fp16_datapath import Fp16Datapath
from hw.nmpu.stages import LaneClocks
from tb.agents.pipeline import skew
from tb.cases.fp16_vectors import coefficient_words
from tb.synth.published_lane import PublishedLane, published

__all__ = ["Columns", "Result", "fp16_columns", "lane_columns", "published_columns", "results"]

SEED = 1
SECONDS = 25.0
"""Seed and age of the arrays: those of `make sim`."""


@dataclass(frozen=True, eq=False)
class Result:
    """One result of a job: the counts of its reads (reads, 2, columns) and the bytes (columns,)."""

    job: Job
    counts: np.ndarray
    wanted: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What enters many pipelines in step, and what must leave each.

    Members
    -------
    inputs : list of dict of int array, (streams,)
        Inputs of each enabled clock by port; those that are not there stay 0.
    wanted : list of int array, (streams,) or None
        Byte at ``o`` for each item, ``latency`` enabled clocks after its first input; None where
        there is no result.
    latency : int
    enable : tuple of str
        Ports that let the pipeline advance.
    """

    inputs: list
    wanted: list
    latency: int
    enable: tuple


_ONE_AT_A_TIME = threading.Lock()


def results(config, images):
    """Every `Result` of the first test images, in the order in which a tile makes them."""
    with _ONE_AT_A_TIME:
        return _results(config, images)


@cache
def _results(config, images):
    digits = load_images()
    network = ProgrammedNetwork(load_network(), digits.train_x, config=config, device=PcmLike(),
                                seed=SEED)
    network.advance(SECONDS)
    found, x = [], network.inputs(digits.test_x[:images])
    for jobs in network.jobs:
        made = [network.run(job, x).results for job in jobs]
        for job, wanted in zip(jobs, made, strict=True):
            counts = network.counts(job, job.vectors(x)).reshape(images, job.settings.reads, 2, -1)
            found += [Result(job, *pair) for pair in zip(counts, wanted, strict=True)]
        x = network.join(jobs, made)
    return found


def lane_columns(config, images, *, bubbles=0):
    """`Columns` of all lanes, `hw.nmpu.lane.Lane`, one column of each per clock.

    Parameters
    ----------
    config : TileConfig
    images : int
    bubbles : int
        Clocks after the columns of a read in which nothing is valid.
    """
    items, at = _items(config, images, bubbles), LaneClocks.of(config)
    columns = _columns(items, config, gather_at=at.gather_at, settings_at=at.requantise_at,
                       shifts=[item["result"].job.settings.shift for item in items])
    columns |= {name: (at.normalise_at, _coefficients(items, name))
                for name in ("norm_scale", "norm_bias")}
    return Columns(
        inputs=skew(len(items), **columns), latency=at.latency,
        enable=("combine_en", "gather_en", "en"),
        wanted=[item["result"].wanted[item["columns"]] if item["last"] else None
                for item in items])


def published_columns(config, images, *, bubbles=0):
    """Likewise of `PublishedLane`, which has no step per channel: the sums of a job are shifted as
    far as the largest needs. It keeps one sum, so the reads of a column come one after another."""
    items, at = _items(config, images, bubbles, by_column=True), LaneClocks.of(published(config))
    sums, largest = {}, {}
    for result in results(config, images):
        job = result.job
        sums[result] = accumulate(result.counts, job.coefficients, job.settings, config)
        largest[job.name] = max(largest.get(job.name, 0), int(np.abs(sums[result]).max()))
    shifts = [max(largest[item["result"].job.name].bit_length() - 7, 0) for item in items]
    return Columns(
        inputs=skew(len(items), **_columns(items, config, gather_at=at.gather_at,
                                           settings_at=at.normalise_at, shifts=shifts)),
        latency=PublishedLane.latency_of(published(config)), enable=("en",),
        wanted=[requantise(sums[item["result"]][item["columns"]], shift=shift, bits=8,
                           relu=item["result"].job.settings.relu, rounding=config.nmpu.rounding)
                if item["last"] else None for item, shift in zip(items, shifts, strict=True)])


def fp16_columns(config, images, *, streams):
    """`Columns` of `Fp16Datapath`: each stream has the columns of a read, and each read results."""
    at, reads = Fp16Datapath, []
    for result in results(config, images):
        job = result.job
        # The step of the byte is folded into both coefficients.
        step = 2.0 ** (NmpuFormats.of(config).normalised.fmt.frac_bits - job.settings.shift)
        coefficients = Fp16Coefficients(
            scale=job.real["scale"], offset=job.real["offset"],
            norm_scale=job.real["norm_scale"] * step, norm_bias=job.real["norm_bias"] * step)
        words = coefficient_words(coefficients, np.zeros_like(coefficients.norm_bias))
        relu = np.full(config.array.columns, int(job.settings.relu))
        for counts in result.counts:
            wanted, _ = process_fp16(counts, coefficients, relu=job.settings.relu,
                                     rounding=config.nmpu.rounding)
            reads.append({**words, "count_p": counts[0], "count_n": counts[1], "relu": relu,
                          "o": wanted})
    if len(reads) < streams:
        raise ValueError(f"images must give at least {streams} reads, not {len(reads)}")
    spread = np.linspace(0, len(reads) - 1, streams).astype(int)
    flat = {name: list(np.array([reads[k][name] for k in spread]).T) for name in reads[0]}
    rows = skew(config.array.columns, **{
        **{name: (0, flat[name]) for name in ("count_p", "count_n")},
        **{name: (at.affine_at, flat[name])
           for name in ("scale_p", "offset_p", "scale_n", "offset_n")},
        **{name: (at.normalise_at, flat[name]) for name in ("norm_scale", "norm_bias")},
        "relu": (at.relu_at, flat["relu"])})
    return Columns(inputs=rows, wanted=flat["o"], latency=at.latency_of(True), enable=("en",))


def _items(config, images, bubbles, *, by_column=False):
    """What the lanes get: all columns of a read, or all reads of a column, one after the other."""
    items, lanes = [], config.nmpu.lanes
    for result in results(config, images):
        reads = len(result.counts)
        order = list(itertools.product(range(reads), range(config.groups)))
        if by_column:
            order.sort(key=lambda pair: pair[::-1])
        for number, (read, group) in enumerate(order, 1):
            items.append({
                "result": result, "counts": result.counts[read],
                "group": 0 if by_column else group, "valid": 1,
                "columns": slice(group * lanes, (group + 1) * lanes),
                "first": int(read == 0), "last": read == reads - 1})
            if number % config.groups == 0:
                items += [{**items[-1], "valid": 0, "last": False}] * bubbles
    return items


def _columns(items, config, *, gather_at, settings_at, shifts):
    """What any lane takes: columns for `skew`."""
    def all_lanes(values):
        return [np.full(config.nmpu.lanes, int(value)) for value in values]

    def of(name):
        return all_lanes(item[name] for item in items)

    return {
        **{f"count_{polarity}": (0, [item["counts"][k, item["columns"]] for item in items])
           for k, polarity in enumerate("pn")},
        **{name: (0, _coefficients(items, name))
           for name in ("scale_p", "scale_n", "offset_p", "offset_n")},
        "next_group": (gather_at - 1, of("group")), "group": (gather_at, of("group")),
        "valid": (gather_at, of("valid")), "first": (gather_at, of("first")),
        "shift": (settings_at, all_lanes(shifts)),
        "bits": (settings_at, all_lanes([8] * len(items))),
        "relu": (settings_at, all_lanes(item["result"].job.settings.relu for item in items)),
    }


def _coefficients(items, name):
    """A coefficient of every lane, for each item."""
    base, _, polarity = name.rpartition("_") if name[-2:] in ("_p", "_n") else (name, "", "")
    raw = [getattr(item["result"].job.coefficients, base) for item in items]
    chosen = [array["pn".index(polarity)] if polarity else array for array in raw]
    return [array[item["columns"]] for array, item in zip(chosen, items, strict=True)]
