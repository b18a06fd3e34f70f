"""Who may import whom: the golden model stands alone, and hardware does not know its tests."""

import ast

import pytest

from tb.runner import ROOT

FORBIDDEN = {
    "golden": {"amaranth", "cocotb", "cocotbext", "hw", "tb", "sim_models"},
    "hw": {"cocotb", "cocotbext", "tb", "sim_models"},
}
FILES = [path.relative_to(ROOT) for folder in FORBIDDEN for path in (ROOT / folder).rglob("*.py")]


def imported(source):
    """The top-level packages that a source text imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=str)
def test_nothing_forbidden(path):
    assert not imported((ROOT / path).read_text()) & FORBIDDEN[path.parts[0]]


def test_the_search_finds_imports():
    text = "import os.path\ndef f():\n    from hw.tile import Tile\n    from . import near\n"
    assert imported(text) == {"os", "hw"}
    assert len(FILES) > 20
