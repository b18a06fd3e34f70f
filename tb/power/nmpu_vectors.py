"""What the NMPU of a small tile is driven with: columns of the digit classifier.

A tile has as many of them as it has columns, so every stream has others.
"""

from dataclasses import dataclass

import numpy as np

from golden.nmpu import Coefficients
from golden.presets import hermes
from tb.bits import pack
from tb.cases.capture import group_payloads
from tb.cases.nmpu import write_all
from tb.cases.reads import Result
from tb.power.streams import WORD
from tb.power.vectors import results

__all__ = ["NmpuWindows", "nmpu_windows"]


@dataclass(frozen=True, kw_only=True)
class NmpuWindows:
    """Arrays are of Python integers, (streams,).

    Members
    -------
    setup : list of dict of array
        Inputs that write the coefficients, one clock each.
    given : array, (windows, groups, streams)
        Payloads of ``i``.
    wanted : array, (results, streams)
        Bytes of the lanes, in order, as one number.
    """

    setup: list
    given: np.ndarray
    wanted: np.ndarray


def nmpu_windows(config, images):
    """`NmpuWindows` of the first layer, whose results are one read each.

    Parameters
    ----------
    config : TileConfig
        With formats and counters as those of the default one.
    images : int
    """
    made = results(hermes, images)
    jobs = list({id(result.job): result.job for result in made
                 if result.job.settings.reads == 1}.values())[:2]
    columns, lanes = config.array.columns, config.nmpu.lanes
    blocks = hermes.array.columns // columns
    setups, given, wanted = [], [], []
    for stream in range(WORD):
        job = jobs[stream // blocks % len(jobs)]
        part = slice(stream % blocks * columns, (stream % blocks + 1) * columns)
        bank = Coefficients(**{name: getattr(job.coefficients, name)[..., part]
                               for name in ("scale", "offset", "norm_scale", "norm_bias")})
        # The same order for every stream.
        setups.append(write_all([bank], np.random.default_rng(0), config))
        payloads, bytes_of_lanes = [], []
        for result in made:
            if result.job is not job:
                continue
            read = Result(settings=job.settings, bank=0, counts=result.counts[..., part],
                          accumulated=None, wanted=None, first_group=0,
                          last_group=config.groups - 1)
            (tag, counts), = read.windows(config)
            payloads.append(group_payloads(counts, tag, config))
            bytes_of_lanes += [pack(group, 8)
                               for group in result.wanted[part].reshape(-1, lanes)]
        given.append(payloads)
        wanted.append(bytes_of_lanes)
    return NmpuWindows(
        setup=[{name.replace(".", "__"): np.array([row[name] for row in rows], object)
                for name in rows[0]} for rows in zip(*setups, strict=True)],
        given=np.moveaxis(np.array(given, object), 0, -1),
        wanted=np.array(wanted, object).T)
