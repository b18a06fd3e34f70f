"""Power: what the blocks are driven with, through the RTL, and what must come out."""

import numpy as np
import pytest

from golden.presets import hermes, tiny
from hw.baseline.fp16_datapath import Fp16Datapath
from hw.nmpu.lane import Lane
from hw.nmpu.nmpu import Nmpu
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.agents.run_amaranth import run
from tb.bits import mask, unpack
from tb.power import work
from tb.power.nmpu_vectors import NmpuWindows, nmpu_windows
from tb.power.vectors import fp16_columns, lane_columns, published_columns, results
from tb.synth.published_lane import PublishedLane, published

WIDTHS = {"scale": hermes.nmpu.scale.width, "offset": hermes.nmpu.offset.width,
          "norm_scale": hermes.nmpu.norm_scale.width, "norm_bias": hermes.nmpu.norm_bias.width}


@pytest.mark.parametrize(("component", "columns"), [
    (Lane, lane_columns), (lambda config: PublishedLane(published(config)), published_columns),
    (Fp16Datapath, lambda config, images: fp16_columns(config, images, streams=5))])
def test_rtl_gives_the_results(component, columns):
    """One stream of each, in Amaranth's simulator; inputs that are left out stay 0."""
    found = columns(hermes, 1)
    stream = 3
    fp16 = component is Fp16Datapath

    def patterns(row):
        return {name: int(values[stream]) & mask(16 if fp16 else WIDTHS.get(
            name.removesuffix("_p").removesuffix("_n"), 12)) for name, values in row.items()}

    outputs = [{"o": None if byte is None else int(byte[stream]) & 0xFF}
               for byte in found.wanted]
    seen = [output["o"] for output in outputs if output["o"] is not None]
    assert len(seen) > 10 and len(set(seen)) > 5
    pipeline = Pipeline(inputs=[patterns(row) for row in found.inputs], outputs=outputs,
                        latency=found.latency, enable=found.enable)
    run(component(hermes), PipelineAgent(pipeline, np.random.default_rng(1), max_stall=0))


def test_fp16_needs_a_read_for_each_stream():
    with pytest.raises(ValueError, match="^images must give at least 64 reads, not 5$"):
        fp16_columns(hermes, 1, streams=64)


def test_nmpu_gets_the_columns_of_the_classifier():
    found = nmpu_windows(tiny, 1)
    first = [result for result in results(hermes, 1) if result.job.settings.reads == 1][:2]
    assert found.given.shape == (1, tiny.groups, 64) and found.wanted.shape == (tiny.groups, 64)
    for stream, job, column in ((0, 0, 0), (5, 0, 40), (37, 1, 40)):
        counts, wanted = first[job].counts[0], first[job].wanted
        for group in range(tiny.groups):
            at = column + group * tiny.nmpu.lanes
            words = unpack(found.given[0, group, stream], 12, 2 * tiny.nmpu.lanes)
            assert words == [*counts[0, at:at + 2], *counts[1, at:at + 2]]
            assert unpack(found.wanted[group, stream], 8, 2) == [
                int(byte) & 0xFF for byte in wanted[at:at + 2]]
    writes = {(int(row["bus__word"][5]), int(row["bus__column"][5])): int(row["bus__data"][5])
              for row in found.setup if row["bus__write"].any()}
    assert len(writes) == 6 * tiny.array.columns
    scale = first[0].job.coefficients.scale
    assert writes[0, 3] == scale[0, 43]


def test_work_of_the_nmpu(monkeypatch):
    groups, words = tiny.groups, np.arange(3 * tiny.groups, dtype=object)
    windows = NmpuWindows(
        setup=[{"bus__write": np.full(64, 1, object)}],
        given=(words.reshape(3, groups, 1) + np.zeros(64, object)),
        wanted=(words[:, None] + np.zeros(64, object)))
    monkeypatch.setattr(work, "nmpu_windows", lambda config, images: windows)
    busy, rare = work.work("nmpu", work.BUSY), work.work("nmpu", work.WINDOWS)
    # Its pipeline is full, or the first window has passed.
    assert groups < Nmpu.latency_of(tiny) < 3 * groups
    assert busy.counted == slice(1 + Nmpu.latency_of(tiny), 1 + 3 * groups)
    assert rare.counted == slice(1 + 128, 1 + 3 * 128)
    assert np.flatnonzero(rare.inputs["i__valid"][:, 0]).tolist() == [
        1 + 128 * window + group for window in range(3) for group in range(groups)]
    assert rare.inputs["i__payload"][1 + groups:129, 7].tolist() == [groups - 1] * (128 - groups)
    assert busy.inputs["bus__write"][:3, 0].tolist() == [1, 0, 0]

    bits = (np.arange(3 * groups)[:, None, None] >> np.arange(16)[:, None] & 1).astype(bool)
    seen = {"o__valid": np.ones((3 * groups, 1, 64), bool),
            "o__payload": np.broadcast_to(bits, (3 * groups, 16, 64))}
    assert busy.wrong(seen) == 0
    assert busy.wrong({**seen, "o__payload": seen["o__payload"] ^ True}) == 3 * groups * 64
    missing = seen["o__valid"].copy()
    missing[-1] = False
    assert busy.wrong({**seen, "o__valid": missing}) == 3 * groups * 64
