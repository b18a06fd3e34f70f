"""The register map: words, addresses, and what is made from it."""

import itertools
import subprocess

import pytest

from golden.array.modes import READ_MODES
from golden.config import ArrayConfig
from golden.descriptors import WORDS, descriptor_address
from golden.presets import hermes, lean, tiny
from golden.registers import (
    ADDRESS_BITS,
    CHANNEL_BASES,
    COEFFICIENTS,
    MOST_REPEATS,
    PAGES,
    REGISTERS,
    WINDOW_BITS,
    WINDOWS,
    coefficient_address,
    pack,
    saturated_address,
    sum_address,
    unpack,
    vector_address,
)
from golden.registers.configured import registers_of, windows_of
from golden.registers.entries import ACCESS
from golden.registers.markdown_page import markdown
from golden.registers.rdl import systemrdl
from tb.registers import COMMITTED, compiled, generate
from tb.runner import ROOT

LARGEST = hermes.replace(array={"rows": 1024, "columns": 1024}, drift={"vectors": 4},
                         control={"descriptors": 256})
ENTRIES = {**REGISTERS, **{f"{window.name}.{word.name}": word
                           for window in WINDOWS for word in window.words}}


@pytest.mark.parametrize("register", ENTRIES.values(), ids=ENTRIES)
def test_fields(register):
    used = [set(range(f.low, f.low + f.width)) for f in register.fields]
    for one, other in itertools.combinations(used, 2):
        assert not one & other, "fields overlap"
    assert max(set().union(*used)) < 32
    assert len({f.name for f in register.fields}) == len(register.fields)
    for f in register.fields:
        assert f.reset is None or 0 <= f.reset < 1 << f.width
        assert f.access in ACCESS
    assert register.offset % 4 == 0


def test_registers_are_on_their_page():
    for page in PAGES:
        assert {r.offset >> WINDOW_BITS for r in page.registers} == {page.base >> WINDOW_BITS}
        assert all(f.reset is not None for r in page.registers for f in r.fields)


def test_offsets_are_distinct():
    assert len({r.offset for r in REGISTERS.values()}) == len(REGISTERS)


@pytest.mark.parametrize("name", REGISTERS)
def test_pack_and_unpack(name):
    fields = REGISTERS[name].fields
    assert unpack(name, pack(name)) == {f.name: f.reset for f in fields}
    for f in fields:
        others = {other.name: 0 for other in fields}
        top = (1 << f.width) - 1
        word = pack(name, **{**others, f.name: top})
        assert word == top << f.low
        assert unpack(name, word) == {**others, f.name: top}
        for bad in (-1, top + 1):
            with pytest.raises(ValueError, match=rf"^{name}\.{f.name} must be from 0 to {top}, "
                                                 rf"not {bad}$"):
                pack(name, **{f.name: bad})


def test_words_by_hand():
    assert pack("ID") == 0x42455A03
    # shift 5, relu 1 at bit 6, output_bits 6 at bit 8, input_bits 4 at bit 12, read_mode 2 at bit
    # 16, reads 3 at bit 20
    assert pack("SETTINGS", shift=5, relu=1, output_bits=6, input_bits=4, read_mode=2,
                reads=3) == 0x0032_4645
    assert pack("STATUS", count_full=1) == 0x400
    assert pack("STATUS", measured=1) == 0x800
    assert pack("REFERENCE", code=0x3F2, step=7) == 0x0007_03F2
    # repeats at bit 0, negative at bit 16, start at bit 31; repeats rest at 1
    assert pack("MEASURE", start=1) == 0x8000_0001
    assert pack("MEASURE", repeats=4096, negative=1, start=1) == 0x8001_1000
    assert pack("READOUT", counter_bits=12, counter_banks=2, columns_per_counter=4,
                settle_clocks=3, reference_bits=10) == 0x0A03_420C


def test_settings_hold_every_mode_and_number_of_reads():
    fields = {f.name: f for f in REGISTERS["SETTINGS"].fields}
    assert len(READ_MODES) == 1 << fields["read_mode"].width
    for k, name in enumerate(READ_MODES):
        assert f"{k} {name}" in fields["read_mode"].doc
    # 256 is the largest max_reads, and one_phase weighs 1.
    assert 256 < 1 << fields["reads"].width


def test_the_longest_measurement_fits_the_sum():
    repeats = next(f for f in REGISTERS["MEASURE"].fields if f.name == "repeats")
    assert MOST_REPEATS < 1 << repeats.width
    assert MOST_REPEATS * ((1 << 16) - 1) < 1 << 32


def test_windows_by_hand():
    assert [saturated_address(c) for c in (0, 31, 32, 255, 1023)] == [
        0x2000, 0x2000, 0x2004, 0x201C, 0x207C]
    assert [sum_address(c) for c in (0, 1, 255, 1023)] == [0x4000, 0x4004, 0x43FC, 0x4FFC]


def test_windows_do_not_meet():
    pages = {page.base >> WINDOW_BITS for page in PAGES}
    assert len(pages) == len(PAGES)
    for window in windows_of(LARGEST):
        used = [window.base + window.stride * k + word.offset
                for k in range(window.items(LARGEST)) for word in window.words]
        assert len(set(used)) == len(used)
        assert max(word.offset for word in window.words) < window.stride
        # What chooses a window are the bits above those of its words.
        mine = {address >> WINDOW_BITS for address in used}
        assert window.base % (1 << WINDOW_BITS) == 0 and min(mine) == window.base >> WINDOW_BITS
        assert not mine & pages
        pages |= mine
    assert max(pages) < 1 << (ADDRESS_BITS - WINDOW_BITS)


def test_windows_are_where_the_addresses_say():
    windows = {window.name: window for window in WINDOWS}
    assert len(windows) == len(WINDOWS)
    columns, rows = LARGEST.array.columns, LARGEST.array.rows

    def places(name):
        window = windows[name]
        return {window.base + window.stride * k + word.offset
                for k in range(window.items(LARGEST)) for word in window.words}

    assert places("SATURATED") == {saturated_address(c) for c in range(columns)}
    assert places("SUMS") == {sum_address(c) for c in range(columns)}
    assert places("VECTORS") == {vector_address(v, row, rows=rows)
                                 for v in range(LARGEST.drift.vectors) for row in range(rows)}
    assert places("COEFFICIENTS") == {coefficient_address(c, name)
                                      for c in range(columns) for name in COEFFICIENTS}
    assert places("DESCRIPTORS") == {descriptor_address(d, word)
                                     for d in range(256) for word in range(len(WORDS))}
    for name, base in CHANNEL_BASES.items():
        assert places(f"CHANNEL_{name.upper()}") == {base + 4 * c for c in range(columns)}


def test_unknown_field():
    with pytest.raises(ValueError, match="^CONTROL has no field pause, stop$"):
        pack("CONTROL", stop=1, pause=1)


def test_coefficient_addresses():
    assert coefficient_address(0, "scale_p") == 0x8000
    assert coefficient_address(2, "norm_bias") == 0x8054  # 0x8000 + 2*32 + 5*4
    columns = range(1024)  # the largest array
    with pytest.raises(ValueError):
        ArrayConfig(columns=len(columns) + 1)
    used = {coefficient_address(c, name) for c in columns for name in COEFFICIENTS}
    assert len(used) == len(columns) * len(COEFFICIENTS)
    assert max(used) < 1 << ADDRESS_BITS


def test_page_names_everything():
    page = markdown(hermes)
    for entry in REGISTERS.values():
        assert f"## `{entry.offset:#06x}` {entry.name}\n" in page
    for window in WINDOWS:
        assert f"## `{window.base:#06x}` {window.name}\n" in page
    assert "| 15:0 | rows | ro | 0x100 | Rows of the array. |" in page
    # Without the engine neither its registers nor its windows.
    assert not lean.drift.engine
    assert "DRIFT_COUNTS" in page and "DRIFT_COUNTS" not in markdown(lean)
    assert "VECTORS" in page and "VECTORS" not in markdown(lean)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registers")
    generate(folder)
    return folder


@pytest.mark.parametrize("name", COMMITTED)
def test_committed_files_are_up_to_date(fresh, name):
    assert (ROOT / "docs" / name).read_text() == (fresh / name).read_text(), "run: make registers"


def described(config):
    """What the description says of each word: path to address and fields."""
    words = {register.name: (register.offset, register) for register in registers_of(config)}
    for window in windows_of(config):
        single = len(window.words) == 1
        for k in range(window.items(config)):
            for word in window.words:
                path = f"{window.name}[{k}]" + ("" if single else f".{word.name}")
                words[path] = (window.base + window.stride * k + word.offset, word)
    return {path: (address, {f.name: (f.low, f.low + f.width - 1, f.access, f.reset)
                             for f in word.fields})
            for path, (address, word) in words.items()}


def read_back(path):
    """The same of an RDL file, by systemrdl-compiler."""
    top, access = compiled(path), {
        ("r", None): "ro", ("rw", None): "rw", ("w", None): "wo", ("rw", "woset"): "w1s",
        ("rw", "woclr"): "w1c", ("rw", "wuser"): "key"}

    def field(node):
        written = node.get_property("onwrite")
        return (node.low, node.high, access[node.get_property("sw").name, written and written.name],
                node.get_property("reset"))

    return {node.get_rel_path(top): (node.absolute_address,
                                     {f.inst_name: field(f) for f in node.fields()})
            for node in top.descendants(unroll=True) if hasattr(node, "fields")}


@pytest.mark.parametrize("config", [hermes, tiny, lean, LARGEST],
                         ids=["hermes", "tiny", "lean", "largest"])
def test_rdl_says_what_the_description_says(config, tmp_path):
    path = tmp_path / "registers.rdl"
    path.write_text(systemrdl(config))
    assert read_back(path) == described(config)


@pytest.mark.parametrize(("old", "new"), [
    ("shift[5:0]", "shift[4:0]"), ("rows[15:0] = 0x8", "rows[15:0] = 0x9"),
    ("onwrite = woclr", "onwrite = woset"), ("sw = w;", "sw = rw;"), ("+= 0x20", "+= 0x40"),
    ("norm_bias @ 0x14", "norm_bias @ 0x18"), ("DRIFT @ 0x1004", "DRIFT @ 0x1040")])
def test_a_wrong_rdl_is_noticed(old, new, tmp_path):
    path, text = tmp_path / "registers.rdl", systemrdl(tiny)
    assert old in text
    path.write_text(text.replace(old, new))
    assert read_back(path) != described(tiny)


def test_header_says_what_the_description_says(fresh, tmp_path):
    lines = ["#include <stddef.h>", f'#include "{fresh / "registers.h"}"']
    for path, (address, fields) in described(hermes).items():
        lines.append(f'static_assert(offsetof(bezel_tile_t, {path}) == {address}, "{path}");')
        macro = "BEZEL_TILE__" + "__".join(part.partition("[")[0] for part in path.split("."))
        for name, (low, high, _, reset) in fields.items():
            own = f"{macro}__{name}".upper()
            lines.append(f'static_assert({own}_bp == {low} && {own}_bw == {high - low + 1}, "");')
            if reset is not None:
                lines.append(f'static_assert({own}_reset == {reset}, "{own}");')
    source = tmp_path / "asserts.c"
    source.write_text("\n".join(lines) + "\n")
    subprocess.run(["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", source],
                   check=True)
