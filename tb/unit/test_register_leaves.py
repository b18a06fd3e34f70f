"""tb.synth.register_leaves: the registers at the end of a net, and what ABC makes of them."""

import re

import pytest
from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from tb.synth import register_leaves
from tb.synth.liberty import LibertyError
from tb.synth.libraries import find_library
from tb.synth.mapping import map_to_cells
from tb.synth.register_leaves import GROUP, add_register_leaves
from tb.synth.rtlil import LEAF, prepare

WORDS = 64
PINS = frozenset({("DFF", "D"), ("GATE", "E")})


def module(*cells):
    text = ["module \\top", "  wire input 1 \\d", "  wire width 8 \\q", "  wire \\clk"]
    for k, (kind, pins) in enumerate(cells):
        text += [f"  cell \\{kind} \\cell_{k}",
                 *(f"    connect \\{pin} {net}" for pin, net in pins.items()), "  end"]
    return "\n".join([*text, "end", ""])


def flop(net):
    return "DFF", {"D": net, "CK": "\\clk"}


def test_few_are_left_alone():
    text = module(*[flop("\\d")] * GROUP, *[flop("1'0")] * 9, ("INV", {"A": "\\d"}))
    assert add_register_leaves(text, PINS) == text


def test_many_are_grouped():
    """Flip-flops and gates count together; clocks, logic and other bits of a wire do not."""
    text = module(*[flop("\\q [3]")] * 8, ("GATE", {"CK": "\\clk", "E": "\\q [3]"}),
                  ("INV", {"A": "\\q [3]"}), *[flop("\\q [2]")] * 3)
    made = add_register_leaves(text, PINS)
    assert made.count(f"cell \\{LEAF} ") == made.count("connect \\A \\q [3]") - 1 == 3
    assert made.count("connect \\D \\q [3]") == made.count("connect \\E \\q [3]") == 0
    ends = re.findall(r"    connect \\[DE] (.*)", made)
    leaves = [net for net in ends if LEAF in net]
    assert len(leaves) == 9 and max(map(leaves.count, leaves)) == GROUP
    assert ends.count("\\q [2]") == 3
    assert made.count("connect \\CK \\clk") == 12
    lines = made.splitlines()
    assert all(lines.index(f"  wire {net}") < lines.index(f"    connect \\Y {net}")
               for net in set(leaves))


class Words(wiring.Component):
    """Each bit drives a flip-flop of every word, with nothing in between: clocks are gated."""

    i: In(4)
    en: In(WORDS)
    o: Out(4 * WORDS)

    def elaborate(self, platform):
        m = Module()
        word = Signal(4)
        words = [Signal(4, name=f"word_{k}", reset_less=True) for k in range(WORDS)]
        m.d.sync += word.eq(self.i)
        for en, kept in zip(self.en, words, strict=True):
            with m.If(en):
                m.d.sync += kept.eq(word)
        m.d.comb += self.o.eq(Cat(words))
        return m


def test_what_drives_many_is_buffered(tmp_path, monkeypatch):
    try:
        library = find_library("nangate45")
    except LibertyError as error:
        pytest.skip(str(error))

    def buffers(folder):
        text, kept = prepare(Words(), top="words", kept=())
        mapped = map_to_cells(text, top="words", library=library, kept=kept, period_ns=1.0,
                              folder=tmp_path / folder)
        assert sum(n for kind, n in mapped.cells.items() if kind in library.flops) >= 4 * WORDS
        return sum(n for kind, n in mapped.cells.items() if kind.startswith("BUF"))

    found = buffers("with")
    monkeypatch.setattr(register_leaves, "GROUP", 1000)
    assert found > buffers("without")
