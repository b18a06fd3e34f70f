"""tb.synth.parts: a design in parts that are equal in whatever design they are, each made once."""

import threading

import pytest

from golden.presets import tiny
from tb.synth.blocks import BLOCKS, KEPT
from tb.synth.liberty import LibertyError
from tb.synth.libraries import find_library
from tb.synth.mapping import map_to_cells
from tb.synth.parts import Shared, split_parts
from tb.synth.rtlil import prepare


def module(name, *children, comment=""):
    cells = [f"  cell \\{kind} \\cell_{k}\n    connect \\i \\i\n  end\n"
             for k, kind in enumerate(children)]
    return (f"attribute \\generator \"test\"\nmodule \\{name}\n  wire width 4 input 1 \\i\n"
            f"  wire width 2 output 2 \\o\n  wire \\inner{comment}\n{''.join(cells)}end\n")


def names_of(parts):
    return [part.name.split("_", 2)[-1] for part in parts]


def test_parts_come_after_what_is_inside():
    text = (module("top", "top_lane", "top_add", "leaf") + module("top_add", "top_lane", "top_sums")
            + module("top_lane", "top_sums", "$add", "leaf") + module("top_sums") + module("leaf"))
    parts = split_parts(text, top="top", kept=["top_lane", "top_sums"])
    assert names_of(parts) == ["sums", "lane", "top"]
    sums, lane, top = parts
    assert lane.inside == (sums.name,) and set(top.inside) == {lane.name, sums.name}
    # What stays a module is an outline in what it is in; what does not, and only that, is whole.
    assert top.text.count("wire \\inner") == 3  # itself, the adder and the leaf
    assert top.text.count("attribute \\blackbox 1") == 2
    assert f"cell \\{lane.name} \\cell_0" in top.text
    assert "module \\part_add\n" in top.text and "module \\leaf\n" in top.text
    assert "wire width 4 input 1 \\i\n" in top.text.partition(f"module \\{lane.name}\n")[2]
    assert "\\top_" not in sums.text


def test_equal_parts_of_two_designs_are_one():
    def lane(top, comment):
        text = module(top, f"{top}_lane") + module(f"{top}_lane", f"{top}_add") + module(
            f"{top}_add", comment=comment)
        return split_parts(text, top=top, kept=[f"{top}_lane"])[0]

    assert lane("nmpu", "") == lane("tile", "")
    # A name tells what is flattened into it too.
    assert lane("nmpu", "").name != lane("nmpu", "_other").name


def test_each_is_made_once():
    shared, made = Shared(), []
    both = threading.Barrier(2, timeout=10)

    def maker(name):
        def make():
            made.append(name)
            both.wait()  # two threads make one thing each
            return name.upper()
        return make

    results = {}

    def run(*names):
        results[names] = shared.all({name: maker(name) for name in names})

    threads = [threading.Thread(target=run, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["a", "b"]
    assert results == {("a", "b"): ["A", "B"], ("b", "a"): ["B", "A"]}


def test_failure_is_everybodys():
    shared = Shared()

    def fail():
        raise RuntimeError("Yosys failed")

    for make in (fail, lambda: 1):
        with pytest.raises(RuntimeError, match="^Yosys failed$"):
            shared.all({"a": make})


def test_netlist_of_shared_parts_is_whole(tmp_path):
    """The second design takes its lanes from the first, and has them in its own netlist."""
    try:
        library = find_library("nangate45")
    except LibertyError as error:
        pytest.skip(str(error))
    shared, found = Shared(), []
    for k in range(2):
        text, kept = prepare(BLOCKS["plain_nmpu"](tiny), top="plain_nmpu", kept=KEPT)
        folder = tmp_path / str(k)
        found.append(map_to_cells(text, top="plain_nmpu", library=library, kept=kept,
                                  period_ns=1.0, folder=folder, shared=shared))
    assert found[0] == found[1]
    assert {number for number, _ in found[0].parts.values()} == {1, tiny.nmpu.lanes}
    first, second = ((tmp_path / str(k) / "plain_nmpu.v").read_text() for k in range(2))
    assert first == second and first.count("\nmodule ") == 3
    assert not [path for path in (tmp_path / "1").iterdir() if path.is_dir()]
