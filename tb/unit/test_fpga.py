"""FPGA estimates: what is read from nextpnr, what is tried, and what is refused."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator
from click.testing import CliRunner
from rich.console import Console

from golden.presets import PRESETS, tiny
from tb.fpga import __main__ as fpga
from tb.fpga import implement as implementation
from tb.fpga.devices import DEVICES, find_device
from tb.fpga.harness import Harness
from tb.fpga.implement import MISSING, Record
from tb.fpga.plan import DEFAULT, plan
from tb.fpga.report import read_report, too_many
from tb.fpga.tables import table_of_records
from tb.synth.blocks import BLOCKS
from tb.synth.generic import count_gates

LOG = """\
Info: Device utilisation:
Info: \t         ICESTORM_LC:    8100/   7680   105%
Info: \t        ICESTORM_RAM:      10/     32    31%
Info: \t               SB_IO:     207/    206   100%
Info: Placed 0 cells based on constraints.
ERROR: Unable to place cell 'block.x_LC', no BELs remaining
"""


def test_report():
    text = json.dumps({
        "fmax": {"clk": {"achieved": 61.5, "constraint": 250}, "b": {"achieved": 99.0}},
        "utilization": {"ICESTORM_LC": {"available": 7680, "used": 912},
                        "ICESTORM_RAM": {"available": 32, "used": 0}}})
    assert read_report(text) == ({"ICESTORM_LC": 912, "ICESTORM_RAM": 0}, 61.5)
    with pytest.raises(RuntimeError, match="must have a clock, and has none"):
        read_report('{"fmax": {}, "utilization": {}}')


def test_what_a_device_lacks():
    assert too_many(LOG) == [("ICESTORM_LC", 8100, 7680), ("SB_IO", 207, 206)]
    assert too_many(LOG.replace("8100", "7680").replace("207", "206")) == []


def test_default_plan():
    jobs = plan()
    assert len(jobs) == len(DEVICES) * sum(map(len, DEFAULT.values()))
    assert {preset for _, preset, _ in jobs} <= PRESETS.keys()


def test_narrowed_plan():
    device = find_device("up5k")
    assert plan(blocks="gather,lane,gather", device="up5k") == [
        ("gather", "tiny", device), ("lane", "tiny", device)]
    assert {block for block, _, _ in plan(preset="small")} == set(DEFAULT["tiny"])


@pytest.mark.parametrize(("arguments", "message"), [
    (["--preset", "huge"], f"preset must be one of {', '.join(PRESETS)}, not 'huge'"),
    (["--block", "lane,lain"], f"block must be of {', '.join(BLOCKS)}, not 'lain'"),
    (["--preset", "lean", "--block", "activation_buffer"],
     "block must be in the preset lean, which has no activation_buffer"),
    (["--device", "up"], "device must be of ecp5-85k, hx8k, up5k, not 'up'"),
    ([], MISSING)])
def test_command_refuses(monkeypatch, tmp_path, arguments, message):
    monkeypatch.setattr(implementation, "VENV", tmp_path)
    monkeypatch.setattr(implementation, "FOLDER", tmp_path / "fpga")
    result = CliRunner().invoke(fpga.main, arguments)
    assert result.exit_code == 2
    assert result.stderr == f"fpga: {message}\n"
    assert result.stdout == "" and not list(tmp_path.iterdir())


def test_environment_says_what_is_missing(tmp_path):
    script = Path(__file__).resolve().parents[1] / "toolchain" / "fpga_environment.py"
    result = subprocess.run([sys.executable, script], env={"PATH": str(tmp_path)},
                            capture_output=True, text=True)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr == ("fpga: a C++ compiler, g++ or c++, is needed and missing; "
                             "on Debian: apt-get install g++\n")


def test_what_is_more_than_a_block_too_large_is_not_tried(monkeypatch, tmp_path):
    tried = []

    def implement(block, preset, device):
        tried.append((block, device.label))
        reason = "9 LC of 8" if (block, device.label) == ("nmpu", "hx8k") else ""
        return Record(preset=preset, block=block, device=device.label, reason=reason,
                      luts=7, fmax_mhz=50.0)

    monkeypatch.setattr(fpga, "implement", implement)
    monkeypatch.setattr(implementation, "FOLDER", tmp_path)
    monkeypatch.setattr(implementation, "nextpnr_version", lambda: "0.1")
    records = fpga.run(plan(blocks="tile,nmpu"), Console(file=io.StringIO()))
    assert sorted(tried) == [("nmpu", "ecp5-85k"), ("nmpu", "hx8k"), ("nmpu", "up5k"),
                             ("tile", "ecp5-85k"), ("tile", "up5k")]
    assert [(r.block, r.device, r.reason) for r in records] == [
        ("tile", "ecp5-85k", ""), ("tile", "hx8k", "more than nmpu of tiny"),
        ("tile", "up5k", ""), ("nmpu", "ecp5-85k", ""), ("nmpu", "hx8k", "9 LC of 8"),
        ("nmpu", "up5k", "")]
    assert json.loads((tmp_path / "hx8k" / "tiny" / "tile.json").read_text())["reason"]
    named = {figure.name: figure for figure in fpga.figures_of(records, minutes=3.0)}
    assert len(named) == 2 + 2 * 4 and all(f.target is None for f in named.values())
    assert named["fpga.up5k.tiny.tile.fmax"].value == 50.0


class Swap(wiring.Component):
    """Twelve bits in, ten of them out, some inverted."""

    i: In(12)
    o: Out(10)

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.o.eq(self.i[2:] ^ 5)
        return m


def test_harness_brings_all_inputs_and_takes_all_outputs():
    harness = Harness(Swap())
    assert harness.flops == 12 + 3 + 1  # 10 outputs: three of four, then one of three
    sent = [1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1]
    seen = []

    async def bench(ctx):
        for bit in sent:
            ctx.set(harness.serial, bit)
            await ctx.tick()
            seen.append(ctx.get(harness.parity))

    simulator = Simulator(harness)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    # The newest bit is bit 0 of the inputs; two levels of flip-flops follow.
    for at in range(11, len(sent) - 2):
        bits = sent[at - 11:at + 1][::-1]
        assert seen[at + 2] == sum(bits[2:]) % 2


def test_harness_counts_its_own_flip_flops(tmp_path):
    harness = Harness(BLOCKS["combine"](tiny))
    inside = count_gates(harness, top="top", folder=tmp_path / "inside")
    alone = count_gates(BLOCKS["combine"](tiny), top="top", folder=tmp_path / "alone")
    assert inside.flops - alone.flops == harness.flops


def test_table_tells_numbers_and_reasons():
    console = Console(file=io.StringIO(), width=120)
    console.print(table_of_records([
        Record(preset="tiny", block="published_lane", device="hx8k", luts=1388, flops=353,
               harness_flops=79, rams=1, dsps=2, fmax_mhz=86.64),
        Record(preset="tiny", block="nmpu", device="up5k", reason="9,000 ICESTORM_LC of 5,280"),
    ], "title"))
    for value in ("published_lane", "1,388", "353", "79", "86.6", "9,000 ICESTORM_LC of 5,280"):
        assert value in console.file.getvalue()
