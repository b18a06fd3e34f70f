"""Exported Verilog under every warning that Verilator has."""

import re
import subprocess

import pytest

from golden.presets import PRESETS
from tb.designs import tile_verilog
from tb.runner import ROOT

QUICK = ("tiny", "small", "lean", "ripple")
"""The presets that take seconds; the others differ from `small` in sizes alone."""
WAIVERS = [ROOT / "constraints" / name for name in ("verilator.vlt", "lint.vlt")]


def lint(source, top):
    result = subprocess.run(
        ["verilator", "--lint-only", "-Wall", "--top", top, *WAIVERS, source],
        capture_output=True, text=True, check=False)
    return result.returncode, result.stderr


@pytest.mark.parametrize("name", QUICK)
def test_no_warning(name):
    assert lint(tile_verilog(PRESETS[name], name), "tile") == (0, "")


@pytest.mark.parametrize("name", QUICK)
def test_names_need_no_escape(name):
    text = tile_verilog(PRESETS[name], name).read_text()
    assert "\\" not in text
    assert set(re.findall(r"\$\w+", text)) == {"$signed"}


@pytest.mark.parametrize(("body", "rule"), [
    ("output reg y); always @* if (a) y = 1;", "LATCH"),
    ("output y);", "UNDRIVEN"),
    ("output y); assign y = ~z & a; wire z = y;", "UNOPTFLAT"),
    ("output y); wire [1:0] b = {a, a}; assign y = b[2];", "SELRANGE")])
def test_faults_are_told(tmp_path, body, rule):
    path = tmp_path / "fault.v"
    path.write_text(f"module fault(input a, {body}\nendmodule\n")
    code, text = lint(path, "fault")
    assert code and rule in text
