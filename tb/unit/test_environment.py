"""Setting up: what is missing is said in one line."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tb.toolchain.environment import SetupError, check_machine, digest
from tb.toolchain.verilator_tree import fill_make_entries, make_tree, numbers

SCRIPT = Path(__file__).resolve().parents[1] / "toolchain" / "environment.py"


def folder_with(folder, *commands):
    """Make a folder that has these commands and no others, as a PATH."""
    for command in commands:
        (folder / command).write_text("#!/bin/sh\n")
        (folder / command).chmod(0o755)
    return str(folder)


def test_script_says_what_is_missing(tmp_path):
    result = subprocess.run(
        [sys.executable, SCRIPT], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        "setup: a C++ compiler, g++ or c++, is needed and missing; "
        "on Debian: apt-get install g++\n"
    )


def test_old_python():
    with pytest.raises(SetupError) as error:
        check_machine(version=(3, 9, 2))
    assert str(error.value) == (
        f"Python 3.11 or later is needed, and {sys.executable} is 3.9.2; "
        "choose with PYTHON=<command>"
    )


@pytest.mark.parametrize(
    ("present", "missing"),
    [((), "a C++ compiler"), (("g++",), "make"), (("g++", "make"), "perl")],
)
def test_missing_command(tmp_path, present, missing):
    with pytest.raises(SetupError) as error:
        check_machine(path=folder_with(tmp_path, *present))
    assert str(error.value).startswith(missing)
    assert "\n" not in str(error.value)


def test_compiler_found(tmp_path):
    assert check_machine(path=folder_with(tmp_path, "c++", "make", "perl")) == "c++"
    assert check_machine(path=folder_with(tmp_path, "g++")) == "g++"


def test_syntax_is_read_by_old_python():
    ast.parse(SCRIPT.read_text(), feature_version=(3, 7))


def test_digest_follows_the_pins(tmp_path):
    (tmp_path / "tb" / "toolchain").mkdir(parents=True)
    for name in ("environment.py", "verilator_tree.py"):
        (tmp_path / "tb" / "toolchain" / name).touch()
    (tmp_path / "pyproject.toml").write_text("one")
    before = digest(tmp_path)
    assert digest(tmp_path) == before
    (tmp_path / "pyproject.toml").write_text("two")
    assert digest(tmp_path) != before


def test_verilator_numbers():
    assert numbers("5.48.0") == ("5.048", 5_048_000)


def test_make_entries_must_be_there():
    assert fill_make_entries("AR = x\nCXX = y\n", {"CXX": "g++"}) == "AR = x\nCXX = g++\n"
    with pytest.raises(ValueError, match="verilated.mk must assign CXX, and does not"):
        fill_make_entries("AR = x\n", {"CXX": "g++"})


def test_tree_answers_wherever_it_is(tmp_path):
    package = Path(sys.prefix) / "tools" / "verilator"
    if not package.is_dir():
        pytest.skip("this Python is not the one in .venv")
    # A repaired tree has all that the repair needs, apart from the name of the script.
    source = tmp_path / "source"
    (source / "bin").mkdir(parents=True)
    (source / "include").mkdir()
    (source / "bin" / "verilator").write_text("#!/bin/sh\n")
    for name in ("verilated.mk", "verilated_config.h"):
        (source / "include" / name).write_text((package / "include" / name).read_text())
    make_tree(source, tmp_path / "tree", version="5.48.0")
    (tmp_path / "tree").rename(tmp_path / "moved")
    (tmp_path / "link").symlink_to("moved/bin/verilator")
    answer = subprocess.run([tmp_path / "link", "--version"], capture_output=True, text=True)
    assert answer.stdout == "Verilator 5.048\n"
