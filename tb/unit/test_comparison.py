"""The comparison with the FP16 unit: ratios of made-up records, and when there is none."""

import io

import pytest
from rich.console import Console

from golden.presets import tiny
from hw.rtlil_text import split_modules
from tb.synth.alike import fp16_coefficients, fp16_unit, plain_coefficients, plain_nmpu
from tb.synth.blocks import BLOCKS, COEFFICIENTS, KEPT
from tb.synth.comparison import (
    WANTED,
    Comparison,
    figures_of_comparison,
    table_of_comparison,
)
from tb.synth.rtlil import prepare


def record(preset, block, *, area, mhz, latency=None, macro=None):
    return {"library": "nangate45", "preset": preset, "block": block, "area_um2": area,
            "latency": latency, "timing": {"by": "OpenSTA 2.0.17", "max_clock_mhz": mhz},
            "memory": {} if macro is None else {"with_macro_um2": macro}}


RECORDS = [
    record("hermes", "published_lane", area=1000.0, mhz=800.0),
    record("hermes", "full_lane", area=2000.0, mhz=1000.0),
    record("hermes", "fp16_datapath", area=8000.0, mhz=500.0),
    record("hermes", "fp16_unit", area=40000.0, mhz=450.0, latency=18, macro=20000.0),
    record("hermes", "plain_nmpu", area=160000.0, mhz=900.0, latency=7, macro=100000.0),
    record("hermes", "nmpu", area=400000.0, mhz=700.0, latency=7, macro=320000.0),
    record("hermes", "deep_nmpu", area=450000.0, mhz=1000.0, latency=7, macro=370000.0),
    record("wide", "deep_nmpu", area=600000.0, mhz=600.0, latency=9, macro=320000.0),
]


def figures(records=RECORDS):
    return {f.name.removeprefix("synth."): f
            for f in figures_of_comparison(Comparison.of(records), "make synth")}


def test_ratios():
    values = {name: figure.value for name, figure in figures().items()}
    assert values == pytest.approx({
        # 256 clocks of 2.5 ns against 4 of 1 ns, and against 2 of 1000/600 ns.
        "speed_vs_fp16": 160, "speed_vs_fp16_128_lanes": 192,
        # The better clock of the FP16 unit is 500 MHz.
        "speed_vs_fp16_own_clock": 128, "speed_vs_fp16_own_clock_128_lanes": 153.6,
        # 255 + 18 clocks against 3 + 7, and against 1 + 9.
        "latency_vs_fp16": 68.25, "latency_vs_fp16_128_lanes": 40.95,
        "latency_vs_fp16_own_clock": 54.6, "latency_vs_fp16_own_clock_128_lanes": 32.76,
        "throughput_per_area_vs_fp16": 16, "throughput_per_area_vs_fp16_own_clock": 12.8,
        "full_lane_throughput_per_area_vs_fp16": 10,
        "full_lane_throughput_per_area_vs_fp16_own_clock": 8,
        "area_vs_fp16": 0.25, "area_vs_fp16_macro": 0.2,
        "area_per_lane_vs_fp16": 16, "area_per_lane_vs_fp16_macro": 12.8,
        "area_vs_64_fp16_lanes": (40000 + 63 * 8000) / 160000,
        "area_vs_64_fp16_lanes_macro": (20000 + 63 * 8000) / 100000,
        "whole_area_vs_fp16": 0.1, "whole_area_vs_fp16_macro": 0.0625,
    })


def test_targets():
    found = figures()
    assert {name: f.target for name, f in found.items() if f.target} == {
        "speed_vs_fp16": ">= 139.0", "speed_vs_fp16_own_clock_128_lanes": ">= 139.0",
        "throughput_per_area_vs_fp16": ">= 15"}
    assert all(f.holds for f in found.values() if f.target)
    slow = [{**r, "timing": {**r["timing"], "max_clock_mhz": 100.0}} for r in RECORDS]
    assert not any(f.holds for f in figures(slow).values() if f.target)


def test_none_without_opensta_or_a_record():
    estimate = {**RECORDS[-1], "timing": {"by": "ABC estimate", "max_clock_mhz": 600.0}}
    other = {**RECORDS[-1], "library": "osu018"}
    assert Comparison.of(RECORDS[:-1]) is None
    assert Comparison.of([*RECORDS[:-1], estimate]) is None
    assert Comparison.of([*RECORDS[:-1], other]) is None
    assert {block for _, block in WANTED} <= BLOCKS.keys()


def test_table_has_the_published_numbers_beside_ours():
    console = Console(file=io.StringIO(), width=120)
    console.print(table_of_comparison(Comparison.of(RECORDS)))
    text = console.file.getvalue()
    for values in (("160x", "139x"), ("0.25x", "0.2x", "7.8x"), ("16x", "12.8x", "505x"),
                   ("0.1x", "0.0625x"), ("FP16 at 500 MHz", "154x")):
        assert any(all(value in line for value in values) for line in text.splitlines()), values


def ports(component):
    text, _ = prepare(component, top="top", kept=KEPT)
    return {item.name[1:] for item in split_modules(text)["top"] if item.is_port}


def test_units_are_alike():
    """Ours without drift engine, parity and partial sums; theirs with one lane for all columns."""
    ours, plain, fp16 = map(ports, (BLOCKS["nmpu"](tiny), plain_nmpu(tiny), fp16_unit(tiny)))
    assert ours - plain > {"batch", "tally_slot", "bad_parity", "sums_i__valid", "sums_o__valid"}
    assert plain > {"residual_i__valid", "i__valid", "o__valid", "bus__write"}
    assert fp16 > {"received__valid", "i__valid", "o__valid", "bus__write"}
    assert COEFFICIENTS["plain_nmpu"] is plain_coefficients
    assert COEFFICIENTS["fp16_unit"] is fp16_coefficients


def test_fp16_unit_has_one_lane_for_all_columns():
    text, kept = prepare(fp16_unit(tiny), top="fp16_unit", kept=KEPT)
    cells = [item.cell_type for item in split_modules(text)["fp16_unit"] if item.cell_type]
    assert cells.count("\\fp16_unit_lane") == 1
    assert set(kept) == {"fp16_unit_lane", "fp16_unit_coefficients"}
