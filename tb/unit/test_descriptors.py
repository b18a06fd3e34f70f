"""golden.descriptors: words by hand, there and back, and what has no word."""

import numpy as np
import pytest

from golden.descriptors import (
    DESCRIPTOR_BASE,
    DESTINATIONS,
    KINDS,
    SOURCES,
    WORDS,
    Descriptor,
    descriptor_address,
    fields,
    words,
)
from golden.presets import hermes, tiny
from golden.registers import REGISTERS
from golden.settings import Settings


def test_words_by_hand():
    d = Descriptor(
        source="activations", destination="sums", first_row=4, rows=3, first_column=2, columns=6,
        settings=Settings(reads=9, shift=17, relu=True, output_bits=6, input_bits=4,
                          read_mode="split", bypass=True, residual=True, residual_scale=0xAB,
                          residual_shift=5, relu_first=True),
        repeat=0x1234, resume=True, sums=True, bank=1, interrupt=True)
    # tiny: beats of two rows, groups of two columns.
    assert d.words(tiny) == [0x1234_27D0, 0x0003_0002, 0x0003_0001, 0x009E_46D1, 0x0000_05AB]


@pytest.mark.parametrize(("name", "number", "word"), [
    *(("kind", name, k) for k, name in enumerate(KINDS)),
    *(("source", name, k << 4) for k, name in enumerate(SOURCES)),
    *(("destination", name, k << 6) for k, name in enumerate(DESTINATIONS)),
    ("bank", None, 0), ("bank", 0, 0x1000), ("bank", 1, 0x2000)])
def test_names(name, number, word):
    plain = {"destination": "none", name: number}
    first = Descriptor(**plain).words(tiny)[0]
    assert first == 0x0001_0000 | word
    assert getattr(Descriptor.from_words(Descriptor(**plain).words(tiny), tiny), name) == number


def test_all_rows_and_columns_from_the_first_on():
    d = Descriptor(first_row=128, first_column=64)
    assert d.words(hermes)[1:3] == [128 << 16 | 2, 3 << 16 | 1]


def test_there_and_back():
    rng = np.random.default_rng(1)
    for _ in range(200):
        values = {f.name: int(rng.integers(1 << f.width)) for word in WORDS for f in word}
        values |= {"kind": int(rng.integers(len(KINDS))), "source": int(rng.integers(3)),
                   "bank": int(rng.integers(3)), "last_group": 900}
        values["first_group"] %= 900
        written = words(values)
        assert fields(written) == values
        assert Descriptor.from_words(written, tiny).words(tiny) == written


def test_settings_lie_as_in_their_register():
    places = {f.name: (f.low, f.width) for f in WORDS[3]}
    for f in REGISTERS["SETTINGS"].fields:
        assert places[f.name] == (f.low, f.width)


def test_fields_do_not_overlap():
    for word in WORDS:
        bits = [bit for f in word for bit in range(f.low, f.low + f.width)]
        assert len(set(bits)) == len(bits) and max(bits) < 32


def test_addresses():
    assert descriptor_address(0) == DESCRIPTOR_BASE == 0x10000
    assert descriptor_address(3, 4) == 0x10070


@pytest.mark.parametrize(("given", "message"), [
    ({"kind": "add"}, f"kind must be one of {', '.join(KINDS)}, not 'add'"),
    ({"source": 1}, "source must be one of x, activations, rows, not 1"),
    ({"destination": None}, "destination must be one of none, y, activations, sums, not None"),
    ({"bank": 2}, "bank must be one of None, 0, 1, not 2"),
    ({"bank": False}, "bank must be one of None, 0, 1, not False"),
    ({"first_row": 3}, "first_row must be a multiple of 2, not 3"),
    ({"first_row": -2}, "first_row must be a multiple of 2, not -2"),
    ({"first_column": 1}, "first_column must be a multiple of 2, not 1"),
    ({"columns": 3}, "columns must be a multiple of 2, not 3"),
    ({"columns": 0}, "columns must be at least 2, not 0"),
    ({"rows": 2048}, "rows must be from 0 to 2047, not 2048"),
    ({"repeat": 65536}, "repeat must be from 0 to 65535, not 65536"),
    ({"repeat": -1}, "repeat must be from 0 to 65535, not -1"),
    ({"settings": Settings(shift=64)}, "shift must be from 0 to 63, not 64")])
def test_what_has_no_word(given, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        Descriptor(**given).words(tiny)


def test_unknown_field():
    with pytest.raises(ValueError, match="^a descriptor has no field scale$"):
        words({"scale": 1})


@pytest.mark.parametrize(("name", "value"), [("kind", 6), ("source", 3), ("bank", 3)])
def test_words_without_a_name(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be below {value}, not {value}$"):
        Descriptor.from_words(words({name: value}), tiny)
