"""Export: equal modules merge, different ones do not, and the meaning stays."""

import re

import pytest
from amaranth.back import rtlil
from amaranth.hdl import Cat, Const, Instance, Module, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from hw.export import write_verilog
from hw.merge_modules import merge_modules
from hw.yosys import run_yosys


class Inner(wiring.Component):
    """A register, so that lanes have something below them."""

    i: In(8)
    o: Out(8)

    def elaborate(self, platform):
        m = Module()
        m.d.sync += self.o.eq(self.i)
        return m


class Lane(wiring.Component):
    """Multiplies by a factor and keeps the last results in a memory."""

    i: In(8)
    o: Out(8)

    def __init__(self, *, factor):
        self._factor = factor
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = inner = Inner()
        m.submodules.past = past = memory.Memory(shape=8, depth=4, init=[1, 2])
        write, read = past.write_port(), past.read_port()
        m.d.comb += [
            inner.i.eq(self.i * self._factor),
            write.addr.eq(self.i),
            write.data.eq(inner.o),
            write.en.eq(1),
            read.addr.eq(self.i >> 2),
            read.en.eq(1),
            self.o.eq(read.data),
        ]
        return m


class Tile(wiring.Component):
    """Lanes whose inputs are made of pieces, so that Amaranth names their ports by net."""

    i: In(32)
    o: Out(32)

    def __init__(self, factors):
        self._factors = factors
        super().__init__()

    def elaborate(self, platform):
        m = Module()
        for k, factor in enumerate(self._factors):
            m.submodules[f"lane_{k}"] = lane = Lane(factor=factor)
            byte = self.i.word_select(k, 8)
            m.d.comb += lane.i.eq(Cat(byte[4:], ~byte[:4]))
            m.d.comb += self.o.word_select(k, 8).eq(lane.o)
        return m


def modules_of(path):
    return set(re.findall(r"^module (\S+?)\(", path.read_text(), flags=re.MULTILINE))


def test_equal_modules_merge(tmp_path):
    path = write_verilog(Tile([3, 3, 3, 3]), name="tile", out_dir=tmp_path)
    assert modules_of(path) == {"tile", "tile_lane", "tile_inner"}


def test_a_different_module_stays(tmp_path):
    path = write_verilog(Tile([3, 3, 5, 3]), name="tile", out_dir=tmp_path)
    assert modules_of(path) == {"tile", "tile_lane", "tile_lane_2", "tile_inner"}
    instances = re.findall(r"^  (tile_lane\w*) (lane_\d) ", path.read_text(), flags=re.MULTILINE)
    assert sorted(instances, key=lambda pair: pair[1]) == [
        ("tile_lane", "lane_0"),
        ("tile_lane", "lane_1"),
        ("tile_lane_2", "lane_2"),
        ("tile_lane", "lane_3"),
    ]


def test_names_are_plain_and_top_ports_stay(tmp_path):
    text = write_verilog(Tile([3, 5]), name="tile", out_dir=tmp_path).read_text()
    assert "\\" not in text
    assert "$" not in text
    assert ("module tile(\n  input wire clk,\n  input wire rst,\n  input wire [31:0] i,\n"
            "  output wire [31:0] o\n);\n") in text


def test_heads_say_all_of_a_port_once(tmp_path):
    text = write_verilog(Tile([3]), name="tile", out_dir=tmp_path).read_text()
    assert ("module tile_inner(\n  input wire clk,\n  input wire [7:0] i,\n"
            "  output reg [7:0] o = 8'h00,\n  input wire rst\n);\n  wire ") in text
    assert not re.search(r"^ *(in|out)put .*;", text, flags=re.MULTILINE)


class Repeating(wiring.Component):
    """Has a port and a register named like keywords."""

    repeat: In(8)
    o: Out(8)

    def elaborate(self, platform):
        m = Module()
        within = Signal(8)
        m.d.sync += within.eq(self.repeat)
        m.d.comb += self.o.eq(within + 1)
        return m


class Twice(wiring.Component):
    """Repeats."""

    i: In(8)
    o: Out(8)

    def elaborate(self, platform):
        m = Module()
        m.submodules.first = first = Repeating()
        m.d.comb += [first.repeat.eq(self.i), self.o.eq(first.o)]
        return m


def test_keywords_are_no_names(tmp_path):
    text = write_verilog(Twice(), name="twice", out_dir=tmp_path / "below").read_text()
    assert "\\" not in text
    assert "input wire [7:0] repeat_1" in text and "reg [7:0] within_1 = " in text
    text = write_verilog(Repeating(), name="top", out_dir=tmp_path / "top").read_text()
    assert "input wire [7:0] \\repeat " in text and "reg [7:0] within_1 = " in text


def prove_equal(gold, folder):
    """Prove that `tile.v` does what a component does, for eight clocks from the start."""
    (folder / "gold.il").write_text(rtlil.convert(gold, name="tile", emit_src=False))
    prepare = ["hierarchy -check -top tile", "proc", "flatten", "memory", "opt"]
    run_yosys(
        [
            *("read_rtlil gold.il", *prepare, "rename tile gold", "design -stash gold"),
            *("read_verilog tile.v", *prepare, "rename tile gate", "design -stash gate"),
            "design -copy-from gold gold",
            "design -copy-from gate gate",
            "miter -equiv -flatten gold gate miter",
            "sat -verify -prove trigger 0 -set-init-zero -tempinduct-baseonly -maxsteps 8 miter",
        ],
        cwd=folder,
    )


def test_merged_design_is_equivalent(tmp_path):
    write_verilog(Tile([3, 3, 5, 3]), name="tile", out_dir=tmp_path)
    prove_equal(Tile([3, 3, 5, 3]), tmp_path)
    with pytest.raises(RuntimeError, match="Yosys failed: Called with -verify and proof did fail"):
        prove_equal(Tile([3, 3, 3, 3]), tmp_path)


def test_same_bytes_every_time(tmp_path):
    first, second = (
        write_verilog(Tile([3, 5]), name="tile", out_dir=tmp_path / folder) for folder in "ab"
    )
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".il").read_bytes() == second.with_suffix(".il").read_bytes()


def test_unchanged_files_are_left_alone(tmp_path):
    path = write_verilog(Tile([3, 5]), name="tile", out_dir=tmp_path, header="Bezel\none")
    assert path.read_text().startswith("// Bezel\n// one\n// Written by Amaranth ")
    before = path.stat().st_mtime_ns
    write_verilog(Tile([3, 5]), name="tile", out_dir=tmp_path, header="Bezel\none")
    assert path.stat().st_mtime_ns == before
    write_verilog(Tile([3, 3]), name="tile", out_dir=tmp_path, header="Bezel\none")
    assert path.stat().st_mtime_ns != before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["tile.il", "tile.v"]


def test_foreign_modules_keep_their_names(tmp_path):
    class Bank(wiring.Component):
        o: Out(1)

        def elaborate(self, platform):
            m = Module()
            m.submodules.osc_0 = Instance("osc", p_STAGES=3, i_en=Const(1), o_q=self.o)
            return m

    path = write_verilog(Bank(), name="bank", out_dir=tmp_path)
    assert "  osc #(" in path.read_text()


def test_top_must_be_there():
    text = rtlil.convert(Inner(), name="inner", emit_src=False)
    with pytest.raises(ValueError) as error:
        merge_modules(text, top="tile")
    assert str(error.value) == "the RTLIL must have a module 'tile', and has ['inner']"


def test_yosys_errors_are_told(tmp_path):
    with pytest.raises(RuntimeError, match="Yosys failed: .*no_such_file"):
        run_yosys(["read_verilog no_such_file.v"], cwd=tmp_path)
