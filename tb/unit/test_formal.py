"""Formal proofs: what holds is proven, what does not is told, a twin that passes is a defect."""

import re

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from click.testing import CliRunner

from hw import tile
from tb import figures
from tb.formal import __main__ as command
from tb.formal import engine, passage
from tb.formal import verdict as verdicts
from tb.formal.plant import Plant, planted
from tb.formal.properties import PROPERTIES
from tb.formal.property import Property
from tb.formal.verdict import decide
from tb.toolchain.environment import ROOT


class Counter(wiring.Component):
    """Counts to 9 and starts again."""

    go: In(1)
    count: Out(4)

    def elaborate(self, platform):
        m = Module()
        with m.If(self.go):
            m.d.sync += self.count.eq(self.count + 1)
            with m.If(self.count == 9):
                m.d.sync += self.count.eq(0)
        return m


def below_ten(wrapper):
    counter = wrapper.add(Counter())
    wrapper.require(counter.count < 10)
    wrapper.reach(counter.count == 9)


MISTAKE = Plant(Counter, "self.count == 9", "self.count == 10")


def claim(build=below_ten, *, plant=MISTAKE, **more):
    return Property(name="below_ten", sentence="", build=build, plant=plant, **more)


@pytest.mark.parametrize("bounded", [False, True])
def test_what_holds_is_proven_and_its_twin_fails(tmp_path, bounded):
    verdict = decide(claim(bounded=bounded), folder=tmp_path)
    assert verdict.holds and verdict.problems == () and verdict.twin_clock == 10


@pytest.mark.parametrize("bounded", [False, True])
def test_what_does_not_hold_is_told_with_its_clock_and_waves(tmp_path, bounded):
    def below_nine(wrapper):
        counter = wrapper.add(Counter())
        wrapper.require(counter.count < 9)
        wrapper.reach(counter.count == 8)

    verdict = decide(claim(below_nine, bounded=bounded), folder=tmp_path)
    waves = tmp_path / "below_ten" / "proof.vcd"
    assert not verdict.holds
    assert verdict.problems == (f"fails in clock 9, see {waves}",)
    assert "count" in waves.read_text()


def test_a_twin_that_passes_is_a_defect(tmp_path):
    harmless = Plant(Counter, "self.count == 9", "self.count >= 9")
    verdict = decide(claim(plant=harmless), folder=tmp_path)
    assert verdict.problems == ("the twin does not fail in 20 clocks",)


def test_a_mistake_that_can_not_be_planted_is_a_defect(tmp_path):
    verdict = decide(claim(plant=Plant(Counter, "count == 8", "")), folder=tmp_path)
    assert verdict.problems == (
        "the twin: Counter must hold 'count == 8' once to be mutated, not 0 times",)


def test_a_tool_that_fails_is_a_defect_of_one_property(tmp_path, monkeypatch):
    def lost(claim, stem, of="required"):
        raise RuntimeError("Yosys failed: lost\nand more")

    monkeypatch.setattr(verdicts, "write_graph", lost)
    assert decide(claim(), folder=tmp_path).problems == (
        "Yosys failed: lost", "reach: Yosys failed: lost", "the twin: Yosys failed: lost")


def test_a_claim_about_nothing_is_a_defect(tmp_path):
    def of_no_run(wrapper):
        counter = wrapper.add(Counter())
        wrapper.assume(~counter.go)
        wrapper.require(counter.count < 10)
        wrapper.reach(counter.count == 9)

    verdict = decide(claim(of_no_run), folder=tmp_path)
    assert verdict.problems == ("says nothing: not reached in 20 clocks",
                                "the twin does not fail in 20 clocks")


def test_anywhere_finds_what_is_far_from_reset(tmp_path):
    """From 10 and beyond the counter goes on to 15."""
    verdict = decide(claim(mode="anywhere", depth=3), folder=tmp_path)
    assert verdict.problems[0].startswith("fails in clock 0")


def test_a_claim_that_asks_for_nothing_is_a_defect(tmp_path):
    verdict = decide(claim(lambda wrapper: wrapper.add(Counter())), folder=tmp_path)
    assert verdict.problems[0] == "a property must require something and reach something"


def test_what_is_remembered_does_not_depend_on_where_it_is_asked(tmp_path):
    """`before` looks at every clock, in a branch that is not taken too."""
    def remembers(wrapper):
        counter, moved = wrapper.add(Counter()), Signal()
        with wrapper.m.If(~counter.go):
            wrapper.m.d.comb += moved.eq(wrapper.before(counter.count) != counter.count)
        wrapper.require(moved == wrapper.before(counter.go), when=~counter.go)
        wrapper.reach(moved)

    assert decide(claim(remembers, plant=Plant(Counter, "count + 1", "count")),
                  folder=tmp_path).holds


def test_time_that_runs_out_is_not_a_proof(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_ask", lambda stem, asked, seconds: (-1, -1))
    verdict = decide(claim(), folder=tmp_path)
    assert verdict.problems[0] == "no proof within 300 s" and not verdict.holds


def test_a_mistake_is_planted_wherever_the_block_is_built_and_taken_out_again():
    right = tile.InputBuffer
    with planted(Plant(right, "~whole", "whole")):
        assert passage.InputBuffer is tile.InputBuffer is not right
    assert passage.InputBuffer is tile.InputBuffer is right


@pytest.mark.parametrize("name", PROPERTIES)
def test_the_mistake_of_every_property_can_be_planted(name):
    plant = PROPERTIES[name].plant
    assert plant.grow() is not plant.block


def test_a_real_property_from_the_command():
    result = CliRunner().invoke(command.main, ["stream_input_buffer", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    assert re.search(r"stream_input_buffer .* induction .* yes", result.output)
    assert "part of the job" in result.output


def test_unknown_name_is_refused_in_one_line():
    result = CliRunner().invoke(command.main, ["nothing"])
    assert result.exit_code == 2
    assert result.stderr.startswith("formal: a property must be one of stream_input_buffer, ")
    assert result.stderr.endswith(", not nothing\n") and result.stderr.count("\n") == 1


def test_missing_tool_is_told_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "ABC", tmp_path / "yosys-abc")
    result = CliRunner().invoke(command.main, [])
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert "is needed and was not found" in result.stderr


def test_an_unproved_property_ends_with_code_1_and_is_counted(monkeypatch, tmp_path):
    failing = claim(plant=Plant(Counter, "self.count == 9", "self.count >= 9"))
    monkeypatch.setattr(command, "PROPERTIES", {"below_ten": failing})
    monkeypatch.setattr(command, "ProcessPoolExecutor", OneProcess)
    monkeypatch.setattr(command, "decide", lambda chosen: decide(chosen, folder=tmp_path))
    written = {}
    monkeypatch.setattr(figures, "write", lambda name, found: written.update({name: found}))
    result = CliRunner().invoke(command.main, [])
    assert result.exit_code == 1
    assert result.stderr == "formal: below_ten: the twin does not fail in 20 clocks\n"
    unproved, inductive = written["formal"][:2]
    assert (unproved.name, unproved.value, unproved.holds) == ("formal.unproved", 1, False)
    assert (inductive.name, inductive.value) == ("formal.by_induction", 1)


class OneProcess:
    """A pool that works here, where what a test has patched is seen."""

    def __init__(self, max_workers):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    map = staticmethod(map)


def test_every_property_and_its_twin_are_on_the_page():
    def on_one_line(source):
        return re.sub(r"\n\s*", "; ", source)

    page = (ROOT / "docs" / "formal.md").read_text()
    assert [line for line in page.splitlines() if line.startswith("| `") and "becomes" in line] == [
        f"| `{name}` | {one.sentence} | {command.how(one)} | `{one.plant.block.__name__}`: "
        f"`{on_one_line(one.plant.right)}` becomes `{on_one_line(one.plant.wrong)}` |"
        for name, one in PROPERTIES.items()]
