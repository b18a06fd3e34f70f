"""Synthesis: what is read from the tools, what is summed, and what is refused."""

import gc
import io
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console

from golden.nmpu import Coefficients, combine
from golden.presets import PRESETS, lean, tiny
from golden.requantise import requantise
from hw.nmpu.nmpu import Nmpu
from hw.nmpu.stages import LaneStages
from hw.rtlil_text import split_modules
from tb.agents.pipeline import Pipeline, PipelineAgent, skew
from tb.agents.run_amaranth import run
from tb.bits import mask
from tb.synth import budgets, job, libraries, measure, plots
from tb.synth.alike import plain
from tb.synth.blocks import BLOCKS, COEFFICIENTS, KEPT, QUICK, blocks_of
from tb.synth.generic import GateCount, count_gates, read_count
from tb.synth.job import LANE_BLOCKS, Job, plan, run_jobs
from tb.synth.lane_counts import figures_of_lane
from tb.synth.liberty import LibertyError, Library
from tb.synth.mapped import Mapped, MappedPart, assemble, count_memory_bits, read_stat
from tb.synth.mapping import abc_delay
from tb.synth.measure import memory_record, timing_record
from tb.synth.published_lane import PublishedLane, deep, published
from tb.synth.rtlil import LEAF, prepare
from tb.synth.tables import table_of_kinds, table_of_memories, table_of_records
from tb.synth.timing import Timing, TimingPath, has_sta, read_path, read_paths

DEMO = Library(label="demo", name="demo", path=Path("demo.lib"), flops=frozenset({"DFF"}),
               data_pins=frozenset({("DFF", "D")}), nand2_area=1.0, driver="B2", load_ff=8.0,
               cells=9)


def test_missing_library_says_how(monkeypatch, tmp_path):
    monkeypatch.setattr(libraries, "OSU018", tmp_path / "none.lib")
    with pytest.raises(LibertyError, match="osu018 is not on this machine; on Debian: apt-get"):
        libraries.find_library("osu018")
    jobs, missing = plan(presets=("tiny",), blocks="gather,tile", library=None)
    assert len(missing) == 1 and [a_job.blocks for a_job in jobs] == [("gather", "tile")]


def test_whole_plan_holds_the_quick_blocks_to_budgets():
    jobs, _ = plan(presets=("hermes",), blocks=None, library=None)
    assert (jobs[0].preset, jobs[0].blocks) == ("hermes", tuple(BLOCKS))
    assert [(a_job.preset, a_job.blocks, a_job.power) for a_job in jobs[1:4]] == [
        ("tiny", QUICK, False), ("wide", ("deep_nmpu",), False), ("tiny", ("nmpu",), True)]
    assert jobs[0].power
    assert set(LANE_BLOCKS) | set(QUICK) <= BLOCKS.keys()


def test_plan_of_all_presets_has_each_once():
    jobs, _ = plan(presets=tuple(PRESETS), blocks=None, library=None)
    default = [a_job for a_job in jobs if a_job.library.label == libraries.DEFAULT]
    assert [(a_job.preset, a_job.blocks) for a_job in default] == [
        (name, blocks_of(config)) for name, config in PRESETS.items()]
    assert set(BLOCKS) - set(blocks_of(lean)) == {"activation_buffer", "program_engine"}
    with pytest.raises(ValueError, match="^block must be in the preset lean, which has no program"):
        plan(presets=("tiny", "lean"), blocks="lane,program_engine", library=None)
    one, _ = plan(presets=("small", "wide"), blocks="lane", library="nangate45")
    assert [(a_job.preset, a_job.blocks) for a_job in one] == [
        ("small", ("lane",)), ("wide", ("lane",))]


@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
@pytest.mark.parametrize("preset", PRESETS)
def test_every_block_is_there_in_every_preset(preset):
    """None is refused when a run has come to it. `deep_nmpu` is all made when it is built."""
    config = PRESETS[preset]
    for build in (*(BLOCKS[name] for name in blocks_of(config) if name != "deep_nmpu"),
                  *COEFFICIENTS.values(), lambda config: Nmpu(deep(plain(config)))):
        assert build(config).signature.members
    # Parts of parts are in cycles; what nobody elaborates is told when it is freed.
    gc.collect()


def test_jobs_share_the_logic_of_their_coefficients(monkeypatch):
    """Records in their order, and one mapping of each coefficient memory."""
    made = []

    def logic(block, *_, **__):
        made.append(block)
        return len(block)

    monkeypatch.setattr(job, "coefficient_logic", logic)
    monkeypatch.setattr(job, "measure", lambda block, preset, *_, logic, **__: (
        preset, block, logic))
    jobs = [Job(library=DEMO, preset="tiny", blocks=("gather", "coefficients", "nmpu")),
            Job(library=DEMO, preset="wide", blocks=("fp16_unit",))]
    told = []
    found = run_jobs(jobs, period_ns=1.0, tell=lambda a_job, block: told.append(block))
    # The last block that has a memory names the mapping of it.
    assert found == [[("tiny", "gather", None), ("tiny", "coefficients", 4), ("tiny", "nmpu", 4)],
                     [("wide", "fp16_unit", 9)]]
    assert sorted(made) == ["fp16_unit", "nmpu"]
    assert sorted(told) == ["coefficients", "fp16_unit", "gather", "nmpu"]


def test_failing_block_ends_the_run(monkeypatch):
    def fails(block, *_, **__):
        raise RuntimeError(f"Yosys failed: {block}")

    monkeypatch.setattr(job, "measure", fails)
    with pytest.raises(RuntimeError, match="^Yosys failed: gather$"):
        run_jobs([Job(library=DEMO, preset="tiny", blocks=("gather", "lane"))], period_ns=1.0,
                 tell=lambda *_: None)


def test_lanes_stay_modules_and_share_inputs_through_leaves():
    text, kept = prepare(BLOCKS["nmpu"](tiny), top="nmpu", kept=KEPT)
    modules = split_modules(text)
    assert set(kept) == {"nmpu_lane", "nmpu_tally_lane", "nmpu_statistics_lane",
                         "nmpu_coefficients"}
    cells = [item for item in modules["nmpu"] if item.cell_type]
    lanes = [item for item in cells if item.cell_type == "\\nmpu_lane"]
    leaves = [item for item in cells if item.cell_type == f"\\{LEAF}"]
    assert len(lanes) == tiny.nmpu.lanes
    # `en` is one net for all lanes; a count belongs to one lane.
    for lane in lanes:
        nets = {line.split()[1]: line.split()[2] for line in lane.rest[:-1]}
        assert nets["\\en"].startswith(f"${LEAF}$")
        assert not nets["\\count_p"].startswith(f"${LEAF}$")
        assert nets["\\clk"] == "\\clk"
        assert sum(item.name.startswith(nets["\\en"] + "$") for item in leaves) == 1
    assert " signed " not in "".join(item.head for items in modules.values() for item in items)


def test_names_of_a_stat(tmp_path):
    path = tmp_path / "stat.json"
    path.write_text(json.dumps({"modules": {
        "\\lane": {"area": 10.0, "num_cells_by_type": {"DFF": 2, "\\sums": 1}}}}))
    assert read_stat(path) == {"lane": {"area": 10.0, "num_cells_by_type": {"DFF": 2, "sums": 1}}}


def test_memories_of_a_hierarchy():
    modules = {"lane": {"num_memory_bits": 8, "num_cells_by_type": {"sums": 2, "$add": 1}},
               "sums": {"num_memory_bits": 3, "num_cells_by_type": {}},
               "other": {"num_memory_bits": 5, "num_cells_by_type": {"lane": 1}},
               "plain": {"num_memory_bits": 0, "num_cells_by_type": {"lane": 2}}}
    assert count_memory_bits(modules, top="plain") == {"lane": 16, "sums": 12}


def test_parts_become_a_design():
    def part(area, cells, depth, estimate_ns=None, **bits):
        return MappedPart(area=area, cells=cells, memory_bits=bits, depth=depth,
                          estimate_ns=estimate_ns, verilog=Path())

    found = assemble({
        "sums": part(1.0, {"DFF": 4}, 0, sums=3),
        "lane": part(10.0, {"DFF": 2, "ND2": 2, "sums": 2}, 7, 0.5, lane=8),
        "top": part(5.0, {"ND2": 5, "lane": 2, "sums": 1}, 3, 0.25)}, top="top")
    assert found == Mapped(
        area=30.0, cells={"DFF": 24, "ND2": 9}, parts={"sums": [5, 1.0], "lane": [2, 12.0]},
        memory_bits={"sums": 15, "lane": 16}, depth=7, estimate_ns=0.5)
    assert list(found.cells) == ["DFF", "ND2"]


def test_delay_of_abc():
    assert abc_delay("ABC: Delay =   736.45 ps (5 %)\nABC: Delay = 1500.00 ps\n") == 1.5
    assert abc_delay("no logic") is None


def test_coefficients_out_of_the_area():
    mapped = Mapped(area=1000.0, cells={}, parts={"part_coefficients": [1, 400.0]}, depth=9,
                    memory_bits={"part_scale_p_coefficients": 60, "part_offset_p_coefficients": 40,
                                 "part_gather": 7}, estimate_ns=None)
    record = memory_record("tile", mapped, DEMO, 50.0)
    assert record == {"coefficient_bits": 100, "other_bits": 7,
                      "coefficients_as_flops_um2": 400.0, "without_coefficients_um2": 650.0}


def test_macro_is_assumed_for_one_library_only(monkeypatch):
    monkeypatch.setitem(measure.MEMORY_UM2_PER_BIT, "demo", 0.5)
    mapped = Mapped(area=400.0, cells={}, parts={}, memory_bits={"coefficients": 100},
                    depth=9, estimate_ns=None)
    record = memory_record("coefficients", mapped, DEMO, 50.0)
    assert record["without_coefficients_um2"] == 50.0
    assert record["with_macro_um2"] == 100.0


REPORT = """
Startpoint: lane_0/gather.o\\[1\\]_reg
            (rising edge-triggered flip-flop clocked by clk)
Endpoint: o[3] (output port clocked by clk)
Path Group: clk
Path Type: max

    Delay      Time   Description
-------------------------------------------------------------
   0.0000    0.0000   clock clk (rise edge)
   0.0000    0.0000 ^ lane_0/gather.o\\[1\\]_reg/CK (DFF_X1)
   0.0883    0.0883 v lane_0/gather.o\\[1\\]_reg/Q (DFF_X1)
   0.1256    0.2138 ^ lane_0/_346_/ZN (NOR4_X1)
  -0.0010    0.2128 v lane_0/_349_/Z (MUX2_X1)
   0.0000    0.2128 v o[3] (out)
             0.2128   data arrival time

   1.0000    1.0000   clock clk (rise edge)
             1.0000 ^ other/CK (DFF_X1)
             0.7500   data required time
-------------------------------------------------------------
             0.5372   slack (MET)
"""


def test_path_of_opensta():
    assert read_path(REPORT) == TimingPath(
        start="lane_0/gather.o[1]_reg", end="o[3]", stages=3, slack_ns=0.5372)


def test_groups_of_opensta():
    """The worst of all paths, and of those between flip-flops; resets by themselves are neither."""
    port = REPORT.replace("Path Group: clk", "Path Group: ports").replace("0.5372", "-0.3")
    reset = REPORT.replace("Path Group: clk", "Path Group: **async_default**").replace(
        "0.5372", "-0.1")
    other = REPORT.replace("Path Group: clk", "Path Group: slow").replace("0.5372", "0.2")
    found = read_paths(port + reset + REPORT + other)
    assert (found.worst.slack_ns, found.inner.slack_ns) == (-0.3, 0.2)
    assert read_paths(port).inner is None
    assert read_paths("No paths found.") == Timing(worst=None, inner=None)


def test_clock_comes_from_flip_flops_or_says_it_is_an_estimate():
    port = TimingPath(start="a", end="b", stages=1, slack_ns=-1.0)
    inner = TimingPath(start="a", end="b", stages=1, slack_ns=-0.25)
    assert Timing(worst=port, inner=inner).period_ns(1.0) == 1.25
    assert Timing(worst=port, inner=None).period_ns(1.0) == 2.0
    record = timing_record(None, 0.5, 1.0)
    assert (record["by"], record["max_clock_mhz"]) == ("ABC estimate", 2000)
    assert record["inner"] is None


def test_count_of_generic_cells():
    cells = {"$_NAND_": 10, "$_AOI3_": 2, "$_DFFE_PP_": 5, "$_SDFFCE_PP0P_": 1, "$_DFF_P_": 3,
             "$scopeinfo": 4}
    assert read_count(cells) == (12, 9)


def test_generic_count_of_a_block(tmp_path):
    count = count_gates(BLOCKS["row_driver"](tiny), top="row_driver", folder=tmp_path)
    # Seven of magnitude, two of sign, one of pulse.
    assert count.flops == 10
    assert 50 < count.gates < 150 and 5 < count.depth < 20
    assert count.luts < count.gates and count.lut_depth < count.depth


def record(area, period, by="OpenSTA 2.0.17", depth=20):
    return {"library": "demo", "preset": "tiny", "block": "lane", "area_um2": area,
            "depth": depth, "timing": {"period_ns": period, "by": by}}


def test_budgets():
    kept = budgets.updated({"other": {"tiny": {"lane": {"area_um2": 1.0}}}}, [record(100.0, 2.0)])
    assert kept["demo"]["tiny"]["lane"] == {"area_um2": 100.0, "depth": 20, "period_ns": 2.0}
    assert kept["other"]["tiny"]["lane"] == {"area_um2": 1.0}
    assert budgets.excess(kept, record(102.9, 2.05, depth=22)) == []
    assert budgets.excess(kept, record(103.2, 2.1, depth=23)) == [
        "demo tiny lane: area_um2 is 103.2, +3.2% of 100.0",
        "demo tiny lane: depth is 23, +15.0% of 20",
        "demo tiny lane: period_ns is 2.1, +5.0% of 2.0"]
    assert budgets.excess({}, record(1e9, 9.0)) == []


def test_estimate_is_not_held_to_a_budget_and_does_not_replace_it():
    kept = budgets.updated({}, [record(100.0, 2.0)])
    estimate = record(100.0, 9.0, by="ABC estimate")
    assert budgets.excess(kept, estimate) == []
    assert budgets.updated(kept, [estimate]) == kept


def test_budgets_written_and_read(tmp_path):
    path = tmp_path / "budgets.yaml"
    assert budgets.load(path) == {}
    kept = budgets.updated({}, [record(100.0, 2.0)])
    budgets.write(kept, {"pyosys": "0.69", "osu018": "1"}, path=path)
    budgets.write(kept, {"pyosys": "0.70"}, path=path)
    assert budgets.load(path) == kept
    assert yaml.safe_load(path.read_text())["tools"] == {"pyosys": "0.70", "osu018": "1"}
    assert [p.name for p in tmp_path.iterdir()] == ["budgets.yaml"]


@pytest.fixture(scope="module")
def nangate45():
    try:
        return libraries.find_library("nangate45")
    except LibertyError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("block", QUICK)
def test_block_keeps_its_budget(block, nangate45, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "FOLDER", tmp_path)
    kept = budgets.load()
    wanted = {"area_um2", "depth", "period_ns"}
    assert kept["nangate45"]["tiny"][block].keys() == wanted
    found = measure.measure(block, "tiny", tiny, nangate45, period_ns=1.0)
    assert budgets.excess(kept, found) == []
    assert found["timing"]["by"].startswith("OpenSTA" if has_sta() else "ABC estimate")


@pytest.mark.parametrize("gates", [0, 10])
def test_published_lane_matches_golden(gates):
    config = published(tiny.replace(nmpu={"stage_gates": gates}))
    stages = LaneStages.of(config)
    at = stages.combine.latency_of(config)
    sum_at = at + stages.gather.latency_of(config)
    rng = np.random.default_rng(45)
    n, groups = 400, config.groups
    bank = Coefficients.random(config, rng)
    counts = rng.integers(0, 1 << 12, (n, 2)) >> rng.integers(0, 12, (n, 2))
    group, first = rng.integers(0, groups, n), rng.integers(0, 2, n)
    first[:groups] = 1
    group[:groups] = np.arange(groups)
    # Few reads in a row without `first`, so no sum exceeds `max_reads`.
    first[::config.nmpu.max_reads] = 1
    shift, relu = rng.integers(0, 16, n), rng.integers(0, 2, n)
    wide = np.zeros((n, 2, config.array.columns), dtype=np.int64)
    wide[np.arange(n), :, group] = counts
    combined = combine(wide, bank, config)[np.arange(n), group]
    sums, wanted = {}, []
    for k in range(n):
        sums[group[k]] = combined[k] + (0 if first[k] else sums[group[k]])
        wanted.append(int(requantise(sums[group[k]], shift=shift[k], bits=8, relu=bool(relu[k]),
                                     rounding=config.nmpu.rounding)))

    def coefficient(name, polarity):
        width = getattr(config.nmpu, name).width
        return [int(value) & mask(width) for value in getattr(bank, name)[polarity][group]]

    rows = skew(n, **{name: (0, coefficient(name[:-2], "pn".index(name[-1])))
                      for name in ("scale_p", "scale_n", "offset_p", "offset_n")},
                count_p=(0, counts[:, 0].tolist()), count_n=(0, counts[:, 1].tolist()),
                next_group=(at - 1, group.tolist()), group=(at, group.tolist()),
                valid=(at, [1] * n), first=(at, first.tolist()), shift=(sum_at, shift.tolist()),
                relu=(sum_at, relu.tolist()), bits=(sum_at, [8] * n))
    work = Pipeline(inputs=rows, outputs=[{"o": y & 0xFF} for y in wanted],
                    latency=PublishedLane.latency_of(config))
    assert len(set(wanted)) > 50
    run(PublishedLane(config), PipelineAgent(work, rng, max_stall=2))


def test_lane_figures_tell_a_miss():
    small, large = (GateCount(gates=g, depth=d, luts=1, lut_depth=1, flops=1)
                    for g, d in ((2300, 20), (4001, 21)))
    found = {f.name: f.holds for f in figures_of_lane(
        {"published_lane": small, "full_lane": large, "lane": large, "deep_lane": large},
            "make synth") if f.target is not None}
    assert found == {"synth.lane_gates": True, "synth.lane_depth": True,
                     "synth.full_lane_gates": False, "synth.full_lane_depth": False}


def test_tables_show_what_was_measured():
    path = {"start": "a_reg", "end": "b_reg", "stages": 7, "slack_ns": -0.125}
    timing = {"by": "OpenSTA", "worst": {**path, "slack_ns": -0.5}, "inner": path,
              "max_clock_mhz": 888.9}
    shown = {"block": "lane", "area_um2": 6091.2, "gate_equivalents": 7633.0, "flops": 336,
             "timing": timing, "cells": {"INV": 2000, "DFF": 336},
             "memory": {"coefficient_bits": 0, "other_bits": 104}}
    console = Console(file=io.StringIO(), width=140)
    for table in (table_of_records([shown], "title"), table_of_memories([shown]),
                  table_of_kinds([shown], kinds=1)):
        console.print(table)
    text = console.file.getvalue()
    for value in ("6,091", "7,633", "336", "889", "-0.125", "-0.500", "a_reg -> b_reg", "104",
                  "INV 2,000"):
        assert value in text
    assert "DFF" not in text


def test_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(plots, "FOLDER", tmp_path)
    timing = {"inner": {"slack_ns": 0.25}, "target_ns": 1.0}
    shown = {"block": "lane", "preset": "tiny", "area_um2": 6091.2, "timing": timing}
    untimed = {**shown, "timing": {"inner": None, "target_ns": 1.0}}
    assert len(plots.draw_blocks([shown], DEMO, "tiny")) == 2
    assert len(plots.draw_blocks([untimed], DEMO, "tiny")) == 1
    path = plots.draw_sweep([(16, 1e5, 20), (64, 4e5, 8)])
    assert path.read_bytes().startswith(b"\x89PNG")
