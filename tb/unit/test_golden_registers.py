"""The register map: words, addresses, and the page made from it."""

import itertools

import pytest

from golden.array.modes import READ_MODES
from golden.config import ArrayConfig
from golden.registers import (
    ADDRESS_BITS,
    CHANNEL_BASES,
    COEFFICIENT_BASE,
    COEFFICIENTS,
    DRIFT_BASE,
    MOST_REPEATS,
    REGISTERS,
    SATURATED_BASE,
    SUM_BASE,
    VECTOR_BASE,
    WINDOW_BITS,
    coefficient_address,
    markdown,
    pack,
    saturated_address,
    sum_address,
    unpack,
    vector_address,
)
from tb.runner import ROOT


@pytest.mark.parametrize("register", REGISTERS.values(), ids=REGISTERS)
def test_fields(register):
    used = [set(range(f.low, f.low + f.width)) for f in register.fields]
    for one, other in itertools.combinations(used, 2):
        assert not one & other, "fields overlap"
    assert max(set().union(*used)) < 32
    assert len({f.name for f in register.fields}) == len(register.fields)
    for f in register.fields:
        assert 0 <= f.reset < 1 << f.width
        assert f.access in ("ro", "rw", "w1s", "w1c")
    assert register.offset % 4 == 0 and register.offset < COEFFICIENT_BASE


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
    assert pack("ID") == 0x42455A02
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
    columns = range(1024)  # the largest array
    saturated, sums = ({address(c) for c in columns} for address in (saturated_address,
                                                                     sum_address))
    registers = {r.offset for r in REGISTERS.values()}
    vectors = {vector_address(v, row, rows=256) for v in range(16) for row in range(256)}
    assert (len(saturated), len(sums), len(vectors)) == (32, 1024, 1024)
    windows = [(0, {r for r in registers if r < DRIFT_BASE}),
               (DRIFT_BASE, {r for r in registers if r >= DRIFT_BASE}),
               (SATURATED_BASE, saturated), (SUM_BASE, sums), (VECTOR_BASE, vectors),
               *((base, {base + 4 * c for c in columns}) for base in CHANNEL_BASES.values())]
    assert len({base for base, _ in windows}) == len(windows)
    for base, used in windows:
        assert max(used) < COEFFICIENT_BASE
        # What chooses a window are the bits above those of its words.
        assert {address >> WINDOW_BITS for address in used} == {base >> WINDOW_BITS}
        assert base % (1 << WINDOW_BITS) == 0


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


def test_page_is_up_to_date():
    page = ROOT / "docs" / "registers.md"
    assert page.read_text() == markdown(), "run: python -m golden.registers > docs/registers.md"
    for name, register in REGISTERS.items():
        assert f"`{register.offset:#06x}` {name}\n" in markdown()
