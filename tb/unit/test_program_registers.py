"""The registers of the programming engine: fields, places, reset values, words by hand."""

import itertools

import pytest

from golden.presets import hermes
from golden.program.settings import PLACES, ProgramSettings
from golden.registers import ADDRESS_BITS, PROGRAM_BASE, REGISTERS, pack, unpack
from golden.registers.program import PROGRAM

PROGRAM_REGISTERS = {register.name: register for register in PROGRAM.registers}


@pytest.mark.parametrize("register", PROGRAM_REGISTERS.values(), ids=PROGRAM_REGISTERS)
def test_fields(register):
    used = [set(range(f.low, f.low + f.width)) for f in register.fields]
    for one, other in itertools.combinations(used, 2):
        assert not one & other, "fields overlap"
    assert max(set().union(*used)) < 32
    assert all(0 <= f.reset < 1 << f.width for f in register.fields)
    assert {f.access for f in register.fields} in ({"ro"}, {"rw"}, {"key"})
    assert register.offset % 4 == 0
    assert PROGRAM_BASE <= register.offset < PROGRAM_BASE + 0x1000 <= 1 << ADDRESS_BITS


def test_no_two_are_alike():
    assert len({r.offset for r in REGISTERS.values()}) == len(REGISTERS)
    assert set(PROGRAM_REGISTERS) < set(REGISTERS)


def test_reset_values_are_the_published_settings():
    values = ProgramSettings().values()
    for register, fields in PLACES.items():
        held = unpack(register, pack(register))
        assert held == {field: values[name] for field, name in fields.items()}
    assert sorted(values) == sorted(ProgramSettings.of(hermes).values())
    assert {name for name, r in PROGRAM_REGISTERS.items()
            if r.fields[0].access == "rw"} == set(PLACES)


def test_words_by_hand():
    assert pack("PROGRAM_KEY", key=0x50434D21) == int.from_bytes(b"PCM!", "big")
    # max_rounds at bit 0, windows at bit 8, margin at bit 16
    assert pack("PROGRAM_LIMITS", max_rounds=30, windows=4, margin=5) == 0x0005_041E
    assert pack("PROGRAM_CURRENTS", low=125, high=700) == 0x02BC_007D
    assert pack("PROGRAM_STEP", start=125, gain=32) == 0x0020_007D
    assert pack("PROGRAM_PULSE", clocks=125, trailing=50) == 0x0032_007D
    assert PROGRAM_REGISTERS["PROGRAM_PULSES"].offset == 0x12030


def test_words_of_other_settings():
    settings = ProgramSettings(windows=8, reset_ua=650)
    writes = dict(settings.writes(hermes))
    assert list(writes) and set(writes) == set(PLACES)
    assert writes["PROGRAM_LIMITS"] == 0x0005_081E
    assert unpack("PROGRAM_RESET", writes["PROGRAM_RESET"]) == {"clocks": 125, "current": 650}
