"""Liberty files: what is found in them, and what cannot be a library."""

import pytest

from tb.synth.liberty import LibertyError, parse, read_library

FLOP = 'cell (DFF) { area : 4; ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; } }'
CELLS = {
    "nand2": 'cell (ND2) { area : 1.0; pin (Y) { direction : output; function : "(!(A B))"; } }',
    "inverter": 'cell (INV) { area : 0.5; pin (A) { capacitance : 0.002; } '
                'pin (Y) { function : "!A"; timing () { values ("1, 2", "3, 4"); } } }',
    "buffer": 'cell (B1) { area : 0.8; pin (Y) { function : "A"; } }\n'
              'cell (B4) { area : 2.0; pin (Y) { function : "A"; } }\n'
              'cell (B2) { area : 1.1; pin (Y) { function : "A"; } }\n'
              'cell (TIE) { area : 0.1; pin (Y) { function : "1"; } }\n'
              'cell (TB) { area : 1.0; pin (Y) { function : "A"; three_state : "E"; } }\n'
              'cell (CLKB) { area : 0.9; pin (Y) { function : "A"; } }',
    "flip-flop": FLOP,
}


def library_text(cells):
    return ("/* a { comment */\nlibrary (demo) {\n  capacitive_load_unit (1, pf);\n"
            '  define ("x", "cell", "float")\n' + "\n".join(cells.values()) + "\n}\n")


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "demo.lib"
    path.write_text(library_text(CELLS))
    return read_library(path, label="demo")


def test_library_is_read(library):
    assert library.name == "demo"
    assert library.flops == {"DFF"}
    assert library.nand2_area == 1.0
    assert library.driver == "B2"
    assert library.load_ff == pytest.approx(8.0)
    assert library.cells == 9


@pytest.mark.parametrize("missing", CELLS)
def test_library_must_have(tmp_path, missing):
    path = tmp_path / "part.lib"
    path.write_text(library_text({k: v for k, v in CELLS.items() if k != missing}))
    with pytest.raises(LibertyError) as error:
        read_library(path, label="part")
    assert str(error.value) == ("the library must be a readable Liberty file with flip-flops, not "
                                f"{path}: it has no {missing}")


@pytest.mark.parametrize(("content", "reason"), [
    (b"library (x) { cell (A) {", "it ends within a group"),
    (b"library (x) { } }", "a brace closes that was not opened"),
    (b"library (x", "it ends before a ')'"),
    (b"hello", "it does not hold one library"),
    (b"", "it does not hold one library"),
    (library_text(CELLS).replace("(demo)", "()").encode(), "a library has no name"),
    (b"library (x) { cell () { } }", "a cell has no name"),
    (b"library (x) { cell (A) { area (1.0); } }",
     "area of the cell A must be a number, not ('1.0',)"),
    (library_text(CELLS).replace("(1, pf)", "(1, af)").encode(),
     "capacitive_load_unit must be a number and one of ff, pf, nf, not ('1', 'af')"),
    (b"\xff\xfe", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")],
    ids=lambda value: value if isinstance(value, str) else "")
def test_library_unreadable(tmp_path, content, reason):
    path = tmp_path / "bad.lib"
    path.write_bytes(content)
    with pytest.raises(LibertyError) as error:
        read_library(path, label="bad")
    assert str(error.value).endswith(f"not {path}: {reason}")


def test_groups_in_groups_without_end():
    with pytest.raises(LibertyError, match="^its groups are nested too deep$"):
        parse("library (x) " + 2000 * "{ a (b) " + 2000 * "}")


def test_a_clock_gate_without_pins_is_none(tmp_path):
    gate = "cell (G) { clock_gating_integrated_cell : latch_posedge; pin (C) { } }"
    path = tmp_path / "demo.lib"
    path.write_text(library_text({**CELLS, "gate": gate}))
    found = read_library(path, label="demo")
    assert found.cells == 10 and found.data_pins == {("DFF", "D")}


@pytest.mark.parametrize("function", ["!(A & B)", "(A*B)'", "!A + !B", "(!(A B))", "((A&B)')"])
def test_ways_to_write_nand(tmp_path, function):
    cells = {**CELLS, "nand2": f'cell (N) {{ area : 3; pin (Y) {{ function : "{function}"; }} }}'}
    path = tmp_path / "demo.lib"
    path.write_text(library_text(cells))
    assert read_library(path, label="demo").nand2_area == 3
