"""The register map: words, addresses, and the page made from it."""

import itertools

import pytest

from golden.config import ArrayConfig
from golden.registers import (
    ADDRESS_BITS,
    COEFFICIENT_BASE,
    COEFFICIENTS,
    REGISTERS,
    coefficient_address,
    markdown,
    pack,
    unpack,
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
    assert pack("ID") == 0x42455A01
    # shift 5, relu 1 at bit 6, output_bits 6 at bit 8, input_bits 4 at bit 12, reads 3 at bit 16
    assert pack("SETTINGS", shift=5, relu=1, output_bits=6, input_bits=4, reads=3) == 0x0003_4645
    assert pack("STATUS", count_full=1) == 0x400


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
