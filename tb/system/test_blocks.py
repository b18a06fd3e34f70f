"""Every block as exported Verilog, crossed over idle and back-pressure."""

import pytest

from hw.export import write_verilog
from tb.cases import case, variants
from tb.runner import ROOT, require_icarus, simulate

TESTS = "tb.system.block_tests"


def simulate_block(block, variant, simulator):
    """Build and test; each block and variant has a folder of its own."""
    folder = ROOT / "build" / "sim" / f"{block}-{variant}"
    verilog = write_verilog(case(block).build(variant), name=block, out_dir=folder)
    return simulate(sources=[verilog], toplevel=block, test_module=TESTS, build_dir=folder,
                    simulator=simulator, env={"BEZEL_BLOCK": block, "BEZEL_VARIANT": variant})


@pytest.mark.parametrize(("block", "variant"), variants(simulated=True))
def test_verilator(block, variant):
    assert simulate_block(block, variant, "verilator").tests == 4


@pytest.mark.parametrize(("block", "variant"), [("nmpu", "tiny"), ("input_buffer", "four_beats")])
def test_icarus(block, variant):
    require_icarus()
    assert simulate_block(block, variant, "icarus").tests == 4
