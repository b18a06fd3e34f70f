"""Registers and the AXI4-Lite bridge as exported Verilog."""

import pytest

from hw.export import write_verilog
from tb.cases import registers
from tb.runner import ROOT, simulate


@pytest.mark.parametrize("variant", registers.VARIANTS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:cocotbext")
def test_verilator(variant):
    folder = ROOT / "build" / "sim" / f"registers-{variant}"
    verilog = write_verilog(registers.build(variant), name="register_file", out_dir=folder)
    result = simulate(sources=[verilog], toplevel="register_file", build_dir=folder,
                      test_module="tb.system.registers_tests", env={"BEZEL_VARIANT": variant})
    assert result.tests == 4
