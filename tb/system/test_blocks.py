"""Every block as exported Verilog, crossed over idle and back-pressure."""

import pytest

from hw.export import write_verilog
from tb.cases import ONCE, case, variants
from tb.runner import ROOT, require_icarus, simulate

TESTS = "tb.system.block_tests"


def simulate_block(block, variant, simulator):
    """Build and test, in a folder of its own."""
    crossed = block not in ONCE
    folder = ROOT / "build" / "sim" / f"{block}-{variant}"
    verilog = write_verilog(case(block).build(variant), name=block, out_dir=folder)
    result = simulate(sources=[verilog], toplevel=block, test_module=TESTS, build_dir=folder,
                      simulator=simulator, env={"BEZEL_BLOCK": block, "BEZEL_VARIANT": variant},
                      test_filter=None if crossed else "max_idle=0/max_stall=0")
    assert result.tests == (4 if crossed else 1)


@pytest.mark.parametrize(("block", "variant"), variants(simulated=True))
def test_verilator(block, variant):
    simulate_block(block, variant, "verilator")


@pytest.mark.parametrize(("block", "variant"), [("nmpu", "tiny"), ("input_buffer", "tiny")])
def test_icarus(block, variant):
    require_icarus()
    simulate_block(block, variant, "icarus")
