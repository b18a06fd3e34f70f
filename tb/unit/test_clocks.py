"""tb.synth.clocks: what decides, and what is told of it."""

import io

from rich.console import Console

from tb.synth.clocks import CONTROL, NMPU, figures_of_clocks, table_of_clocks


def record(block, mhz, **changes):
    return {"preset": "hermes", "block": block, "library": "nangate45", "timing": {
        "by": "OpenSTA 2", "max_clock_mhz": mhz, "worst": None,
        "inner": {"start": f"{block}_from", "end": f"{block}_to"}}, **changes}


RECORDS = [record(block, 1300.0 - 100 * k) for k, block in enumerate(NMPU)] + [
    record(block, 1250.0 - 50 * k) for k, block in enumerate(CONTROL)]
OTHERS = [record("sequencer", 10.0, preset="tiny"), record("nmpu", 10.0, library="osu018"),
          record("lane", 10.0)]


def test_deep_lanes_and_the_slowest_of_the_control_decide():
    found = {figure.name: figure for figure in figures_of_clocks(RECORDS + OTHERS, "make synth")}
    assert (found["synth.nmpu_fmax"].value, found["synth.nmpu_fmax"].holds) == (1300.0, True)
    assert found["synth.control_fmax"].value == 1250.0 - 50 * (len(CONTROL) - 1)
    assert found["synth.control_fmax"].holds
    assert found["synth.nmpu_fmax.nmpu"].value == 1100.0
    assert found["synth.fmax_mhz"].value == found["synth.control_fmax"].value == 1000.0
    assert found["synth.fmax_mhz"].holds and found["synth.fmax_slack"].value == 0
    for mhz, slack in ((999.9, 1 - 1000 / 999.9), (800.0, -0.25)):
        slow = figures_of_clocks([*RECORDS[:-1], record(CONTROL[-1], mhz)], "")
        missed = {figure.name for figure in slow if figure.holds is False}
        assert missed == {"synth.control_fmax", "synth.fmax_mhz"}
        assert {figure.name: figure.value for figure in slow}["synth.fmax_slack"] == slack


def test_no_figure_of_a_part_or_of_an_estimate():
    assert figures_of_clocks(OTHERS, "") == []
    estimate = record(NMPU[0], 2000.0)
    estimate["timing"]["by"] = "ABC estimate"
    names = [figure.name for figure in figures_of_clocks([estimate, *RECORDS[1:]], "")]
    assert names[0] == "synth.control_fmax" and len(names) == 1 + len(CONTROL)


def test_table_has_slack_and_path():
    assert table_of_clocks(OTHERS[2:]) is None
    console = Console(file=io.StringIO(), width=120)
    console.print(table_of_clocks([record("nmpu", 500.0), record("sequencer", 1250.0)]))
    rows = [line for line in console.file.getvalue().splitlines() if "_from -> " in line]
    assert len(rows) == 2 and "-1.000" in rows[0] and "+0.200" in rows[1]
