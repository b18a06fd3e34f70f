"""Configurations: YAML there and back, and every refusal in its own words."""

import re

import pytest

from golden.config import (
    ArrayConfig,
    ConfigError,
    ControlConfig,
    DriftConfig,
    DriveConfig,
    NmpuConfig,
    ProgramConfig,
    ReadoutConfig,
    StreamConfig,
    TileConfig,
)
from golden.presets import PRESETS, hermes, preset, tiny
from golden.qformat import QFormat
from golden.requantise import Rounding
from tb.runner import ROOT

MODES = "one_phase, four_phase, split, bit_serial"


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)
def test_yaml_round_trip(config):
    text = config.to_yaml()
    assert TileConfig.from_yaml(text) == config
    assert TileConfig.from_yaml(text).to_yaml() == text


def test_yaml_keeps_every_kind_of_value():
    config = tiny.replace(nmpu={"rounding": Rounding.FLOOR, "scale": QFormat(False, 2, 6)},
                          readout={"counter_bits": 11, "front_end": "oscillator"},
                          drive={"read_modes": ("split", "one_phase")},
                          drift={"engine": False, "gain": QFormat(False, 3, 9), "vectors": 2},
                          control={"descriptors": 3, "activations": 0, "parity": False},
                          program={"engine": False, "heads": 3, "devices": 1, "max_rounds": 7,
                                   "max_current_ua": 11, "max_pulse_clocks": 13})
    assert TileConfig.from_yaml(config.to_yaml()) == config


def test_read_modes_are_a_list_in_text_and_a_tuple_in_python():
    for given in (["one_phase", "split"], ("one_phase", "split")):
        assert DriveConfig(read_modes=given).read_modes == ("one_phase", "split")
    text = tiny.replace(drive={"read_modes": ["one_phase", "split"]}).to_yaml()
    assert "  read_modes:\n  - one_phase\n  - split\n" in text
    again = TileConfig.from_yaml(text)
    assert again.drive.read_modes == ("one_phase", "split")
    assert hash(again) == hash(TileConfig.from_yaml(text))


# Weights of 8-bit inputs: 4 phases; 1 and 8 of the two slices; 1 + 2 + .. + 64. With 6 bits the
# slices weigh 1 and 4, the bits 31; with 4 bits 1 and 2, and 7.
@pytest.mark.parametrize(("input_bits", "mode", "weight"), [
    (8, "one_phase", 1), (8, "four_phase", 4), (8, "split", 9), (8, "bit_serial", 127),
    (6, "four_phase", 4), (6, "split", 5), (6, "bit_serial", 31),
    (4, "four_phase", 4), (4, "split", 3), (4, "bit_serial", 7)])
def test_max_reads_covers_a_vector_of_every_mode(input_bits, mode, weight):
    drive = {"input_bits": input_bits, "read_modes": tuple(dict.fromkeys(("one_phase", mode)))}
    assert tiny.replace(drive=drive, nmpu={"max_reads": weight}).nmpu.max_reads == weight
    if weight > 1:
        with pytest.raises(ConfigError) as error:
            tiny.replace(drive=drive, nmpu={"max_reads": weight - 1})
        assert str(error.value) == (f"nmpu.max_reads must be at least {weight} for {mode} of "
                                    f"drive.read_modes, not {weight - 1}")


@pytest.mark.parametrize(("columns_per_counter", "counters", "groups"), [
    (1, 8, 4), (2, 4, 4), (4, 2, 4)])
def test_columns_that_share_counters(columns_per_counter, counters, groups):
    config = tiny.replace(readout={"columns_per_counter": columns_per_counter})
    assert (config.blocks, config.counters, config.groups) == (
        columns_per_counter, counters, groups)


def test_what_is_left_out_is_the_default():
    for text in ("", "{}", "nmpu:", "nmpu: {}"):
        assert TileConfig.from_yaml(text) == hermes
    assert TileConfig.from_yaml("array: {rows: 128}").array == ArrayConfig(rows=128)
    assert TileConfig.from_yaml("control: {parity: false}").control == ControlConfig(parity=False)
    assert TileConfig.from_yaml("program: {heads: 8}").program == ProgramConfig(heads=8)


@pytest.mark.parametrize(("text", "message"), [
    ("arrays: {}", ("unknown key arrays: allowed are array, drive, readout, nmpu, drift, control, "
                    "program, stream")),
    ("array: {row: 2}", "unknown key array.row: allowed are rows, columns"),
    ("[1]", ("the configuration must be a mapping of array, drive, readout, nmpu, drift, control, "
            "program, stream, not [1]")),
    ("array: 7", "array must be a mapping of rows, columns, not 7"),
    ("array: {rows: 'many'}", "array.rows must be an integer from 2 to 1024, not 'many'"),
    ("array: {rows: 8.0}", "array.rows must be an integer from 2 to 1024, not 8.0"),
    ("array: {rows: true}", "array.rows must be an integer from 2 to 1024, not True"),
    ("nmpu: {scale: 7}", "nmpu.scale: a format is written U(i,f) or S(i,f), not 7"),
    ("nmpu: {scale: 'U(0,0)'}", "nmpu.scale: U(0,0) is 0 bits wide; allowed are 1 to 62"),
    ("array: {rows: [8]}", "array.rows must be an integer from 2 to 1024, not [8]"),
    ("drive: {read_modes: one_phase}",
     f"drive.read_modes must be a list of {MODES}, not 'one_phase'"),
    ("drive: {read_modes: []}", f"drive.read_modes must be a list of {MODES}, not []"),
    ("drive: {read_modes: {one_phase: 1}}",
     f"drive.read_modes must be a list of {MODES}, not {{'one_phase': 1}}"),
    ("drive: {read_modes: [one_phase, 4]}",
     f"drive.read_modes must be one of {MODES}, not 4"),
    ("drive: {read_mode: split}",
     "unknown key drive.read_mode: allowed are input_bits, read_modes"),
    ("readout: {counter_banks: 2.0}", "readout.counter_banks must be one of 1, 2, not 2.0"),
    ("readout: {front_end: [count]}",
     "readout.front_end must be one of count, oscillator, not ['count']"),
    ("control: {descriptor: 3}",
     "unknown key control.descriptor: allowed are descriptors, activations, parity"),
    ("control: {activations: 2.0}",
     "control.activations must be an integer from 0 to 256, not 2.0"),
    ("control: {parity: 1}", "control.parity must be true or false, not 1"),
    ("program: {head: 3}", ("unknown key program.head: allowed are engine, heads, devices, "
     "max_rounds, max_current_ua, max_pulse_clocks")),
    ("program: {devices: '2'}", "program.devices must be one of 1, 2, not '2'"),
    ("nmpu: {residual: 'no'}", "nmpu.residual must be true or false, not 'no'"),
    ("nmpu: {rounding: nearest}",
     "nmpu.rounding must be one of floor, half_up, half_away, half_even, not 'nearest'"),
])
def test_refused_text(text, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        TileConfig.from_yaml(text)


def test_unreadable_text():
    with pytest.raises(ConfigError, match="^not readable as YAML: while parsing a flow mapping "):
        TileConfig.from_yaml("array: {rows: 8")


@pytest.mark.parametrize(("make", "message"), [
    (lambda: ArrayConfig(rows=1), "array.rows must be from 2 to 1024, not 1"),
    (lambda: ArrayConfig(columns=1025), "array.columns must be from 2 to 1024, not 1025"),
    (lambda: ArrayConfig(rows=True), "array.rows must be an integer from 2 to 1024, not True"),
    (lambda: DriveConfig(input_bits=7), "drive.input_bits must be one of 8, 6, 4, not 7"),
    (lambda: DriveConfig(input_bits=True), "drive.input_bits must be one of 8, 6, 4, not True"),
    (lambda: DriveConfig(read_modes=("one_phase", "two_phase")),
     f"drive.read_modes must be one of {MODES}, not 'two_phase'"),
    (lambda: DriveConfig(read_modes=("one_phase", ["split"])),
     f"drive.read_modes must be one of {MODES}, not ['split']"),
    (lambda: DriveConfig(read_modes="one_phase"),
     f"drive.read_modes must be a list of {MODES}, not 'one_phase'"),
    (lambda: DriveConfig(read_modes=()), f"drive.read_modes must be a list of {MODES}, not ()"),
    (lambda: DriveConfig(read_modes=("split", "four_phase")),
     "drive.read_modes must name one_phase, and every mode once, not split, four_phase"),
    (lambda: DriveConfig(read_modes=("one_phase", "split", "split")),
     "drive.read_modes must name one_phase, and every mode once, not one_phase, split, split"),
    (lambda: ReadoutConfig(front_end="adc"),
     "readout.front_end must be one of count, oscillator, not 'adc'"),
    (lambda: ReadoutConfig(counter_banks=3), "readout.counter_banks must be one of 1, 2, not 3"),
    (lambda: ReadoutConfig(counter_banks=True),
     "readout.counter_banks must be one of 1, 2, not True"),
    (lambda: ReadoutConfig(columns_per_counter=3),
     "readout.columns_per_counter must be one of 1, 2, 4, not 3"),
    (lambda: ReadoutConfig(settle_clocks=0), "readout.settle_clocks must be from 1 to 15, not 0"),
    (lambda: ReadoutConfig(settle_clocks=16), "readout.settle_clocks must be from 1 to 15, not 16"),
    (lambda: ReadoutConfig(reference_bits=1), "readout.reference_bits must be from 2 to 16, not 1"),
    (lambda: ReadoutConfig(reference_bits=17),
     "readout.reference_bits must be from 2 to 16, not 17"),
    (lambda: ReadoutConfig(counter_bits=3), "readout.counter_bits must be from 4 to 16, not 3"),
    (lambda: NmpuConfig(lanes=0), "nmpu.lanes must be from 1 to 1024, not 0"),
    (lambda: NmpuConfig(scale=QFormat(True, 1, 7)),
     "nmpu.scale must be a format U(i,f), not S(1,7)"),
    (lambda: NmpuConfig(offset=QFormat(False, 7, 1)),
     "nmpu.offset must be a format S(i,f), not U(7,1)"),
    (lambda: NmpuConfig(norm_scale="S(1,7)"),
     "nmpu.norm_scale must be a format S(i,f), not 'S(1,7)'"),
    (lambda: NmpuConfig(norm_bias=QFormat(True, 30, 4)),
     "nmpu.norm_bias must fit a signed 32-bit register, not S(30,4)"),
    (lambda: NmpuConfig(max_reads=257), "nmpu.max_reads must be from 1 to 256, not 257"),
    (lambda: NmpuConfig(accumulator_bits=49),
     "nmpu.accumulator_bits must be from 8 to 48, not 49"),
    (lambda: NmpuConfig(shift_bits=0), "nmpu.shift_bits must be from 1 to 6, not 0"),
    (lambda: NmpuConfig(output_bits=5), "nmpu.output_bits must be one of 8, 6, 4, not 5"),
    (lambda: NmpuConfig(rounding="up"),
     "nmpu.rounding must be one of floor, half_up, half_away, half_even, not 'up'"),
    (lambda: NmpuConfig(residual=1), "nmpu.residual must be true or false, not 1"),
    (lambda: NmpuConfig(partial_sums=None), "nmpu.partial_sums must be true or false, not None"),
    (lambda: ControlConfig(descriptors=0), "control.descriptors must be from 1 to 256, not 0"),
    (lambda: ControlConfig(descriptors=257), "control.descriptors must be from 1 to 256, not 257"),
    (lambda: ControlConfig(activations=-1), "control.activations must be from 0 to 256, not -1"),
    (lambda: ControlConfig(activations=257), "control.activations must be from 0 to 256, not 257"),
    (lambda: ControlConfig(parity="yes"), "control.parity must be true or false, not 'yes'"),
    (lambda: ProgramConfig(engine=0), "program.engine must be true or false, not 0"),
    (lambda: ProgramConfig(heads=0), "program.heads must be from 1 to 1024, not 0"),
    (lambda: ProgramConfig(devices=3), "program.devices must be one of 1, 2, not 3"),
    (lambda: ProgramConfig(devices=True), "program.devices must be one of 1, 2, not True"),
    (lambda: ProgramConfig(max_rounds=0), "program.max_rounds must be from 1 to 255, not 0"),
    (lambda: ProgramConfig(max_rounds=256), "program.max_rounds must be from 1 to 255, not 256"),
    (lambda: ProgramConfig(max_current_ua=4096),
     "program.max_current_ua must be from 1 to 4095, not 4096"),
    (lambda: ProgramConfig(max_pulse_clocks=0),
     "program.max_pulse_clocks must be from 1 to 4095, not 0"),
    (lambda: tiny.replace(program={"heads": 3}),
     "program.heads must divide array.columns 8, not 3"),
    (lambda: tiny.replace(stream={"x_bits": 8}),
     "stream.x_bits must be whole targets of 16 bits for program.engine, not 8"),
    (lambda: tiny.replace(array={"rows": 6}, stream={"x_bits": 24, "y_bits": 16},
                          program={"engine": False}),
     ("stream.x_bits and stream.y_bits must divide one another for control.activations, "
      "not 24 and 16")),
    (lambda: StreamConfig(x_bits=4), "stream.x_bits must be from 8 to 8192, not 4"),
    (lambda: StreamConfig(y_bits="8"),
     "stream.y_bits must be an integer from 8 to 8192, not '8'"),
    (lambda: TileConfig(array=DriveConfig()), ("array must be of type ArrayConfig, not "
     "DriveConfig(input_bits=8, read_modes=('one_phase', 'four_phase', 'split', 'bit_serial'))")),
    (lambda: tiny.replace(nmpu={"lanes": 3}),
     "nmpu.lanes must divide array.columns 8 (1, 2, 4, 8), not 3"),
    (lambda: tiny.replace(readout={"columns_per_counter": 2}, nmpu={"lanes": 8},
                          stream={"y_bits": 64}),
     "nmpu.lanes must divide the 4 pairs of counters (1, 2, 4), not 8"),
    (lambda: tiny.replace(readout={"columns_per_counter": 4}, array={"columns": 6}),
     "readout.columns_per_counter must divide array.columns 6, not 4"),
    (lambda: tiny.replace(stream={"x_bits": 24}), ("stream.x_bits must be whole bytes and divide "
     "64 (8 elements of 8 bits), not 24")),
    (lambda: tiny.replace(stream={"y_bits": 32}), ("stream.y_bits must be whole bytes and divide "
     "16 (2 elements of 8 bits), not 32")),
    (lambda: tiny.replace(stream={"x_bits": 12}), ("stream.x_bits must be whole bytes and divide "
     "64 (8 elements of 8 bits), not 12")),
    (lambda: DriftConfig(engine=1), "drift.engine must be true or false, not 1"),
    (lambda: DriftConfig(gain=QFormat(True, 2, 14)),
     "drift.gain must be a format U(i,f), not S(2,14)"),
    (lambda: DriftConfig(gain=QFormat(False, 0, 14)),
     ("drift.gain must have an integer bit, a fraction bit and at most 32 bits, not U(0,14)")),
    (lambda: DriftConfig(gain=QFormat(False, 2, 0)),
     ("drift.gain must have an integer bit, a fraction bit and at most 32 bits, not U(2,0)")),
    (lambda: DriftConfig(gain=QFormat(False, 3, 30)),
     ("drift.gain must have an integer bit, a fraction bit and at most 32 bits, not U(3,30)")),
    (lambda: DriftConfig(max_repeats=48), ("drift.max_repeats must be one of 1, 2, 4, 8, 16, 32, "
     "64, 128, 256, 512, 1024, 2048, 4096, not 48")),
    (lambda: DriftConfig(max_repeats=True), ("drift.max_repeats must be one of 1, 2, 4, 8, 16, 32, "
     "64, 128, 256, 512, 1024, 2048, 4096, not True")),
    (lambda: DriftConfig(vectors=0), "drift.vectors must be from 1 to 16, not 0"),
    (lambda: DriftConfig(vectors=17), "drift.vectors must be from 1 to 16, not 17"),
    (lambda: tiny.replace(drift={"gain": QFormat(False, 1, 31)}),
     ("drift.max_repeats 256 and drift.gain U(1,31) need more than the 62 bits allowed for the "
      "offset of a line")),
    (lambda: tiny.replace(array={"rows": 512}, stream={"x_bits": 64}, drift={"vectors": 16}),
     "drift.vectors must fit 1024 words of four rows, not 16 of 512 rows"),
    (lambda: tiny.replace(nmpu={"accumulator_bits": 29}),
     "nmpu.accumulator_bits must be at least 30 to hold 128 reads of S(16,7), not 29"),
    (lambda: tiny.replace(nmpu={"accumulator_bits": 28}, drift={"engine": False}),
     "nmpu.accumulator_bits must be at least 29 to hold 128 reads of S(15,7), not 28"),
    (lambda: tiny.replace(nmpu={"accumulator_bits": 48, "max_reads": 256,
                                "norm_scale": QFormat(True, 16, 16),
                                "norm_bias": QFormat(True, 1, 31)}),
     ("nmpu.norm_scale S(16,16) and nmpu.norm_bias S(1,31) on S(41,7) need more than the 62 bits "
     "allowed")),
])
def test_refused_values(make, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        make()


def test_what_is_not_built_is_not_checked():
    assert tiny.replace(program={"engine": False, "heads": 3}).program.heads == 3
    alone = tiny.replace(array={"rows": 6}, stream={"x_bits": 24, "y_bits": 16},
                         program={"engine": False}, control={"activations": 0})
    assert alone.row_beats == 2


@pytest.mark.parametrize(("bits", "wanted"), [(30, 32), (32, 32), (33, 64), (48, 64)])
def test_partial_sums_are_whole_words(bits, wanted):
    assert tiny.replace(nmpu={"accumulator_bits": bits}).sum_bits == wanted


def test_configurations_are_frozen_and_keyword_only():
    with pytest.raises(AttributeError):
        tiny.array.rows = 9
    with pytest.raises(TypeError):
        ArrayConfig(8, 8)
    assert tiny.replace(array={"rows": 16}).array.rows == 16 and tiny.array.rows == 8
    assert tiny.groups == 4


@pytest.mark.parametrize(("text", "message"), [
    ("nmpu: {output_bits: 8.0}", "nmpu.output_bits must be one of 8, 6, 4, not 8.0"),
    ("drive: {input_bits: 6.0}", "drive.input_bits must be one of 8, 6, 4, not 6.0")])
def test_a_float_is_no_width(text, message):
    with pytest.raises(ConfigError) as error:
        TileConfig.from_yaml(text)
    assert str(error.value) == message


def refusals_on_the_page():
    """(given, message) of both tables of docs/configuration.md."""
    text = (ROOT / "docs" / "configuration.md").read_text()
    text = text[text.index("### What is refused"):text.index("## Limits")]
    return re.findall(r"^\| `(.+)` \| `(.+)` \|$", text, re.MULTILINE)


@pytest.mark.parametrize(("given", "message"), refusals_on_the_page())
def test_refusals_on_the_page(given, message):
    formats = {"U": lambda i, f: QFormat(False, i, f), "S": lambda i, f: QFormat(True, i, f)}

    def make():
        if "=" in given:
            return hermes.replace(**eval(f"dict({given})", formats))
        return TileConfig.from_yaml(given)

    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        make()


def test_the_page_shows_the_default():
    assert f"```yaml\n{hermes.to_yaml()}```" in (ROOT / "docs" / "configuration.md").read_text()
    assert len(refusals_on_the_page()) > 30


def test_unknown_preset():
    with pytest.raises(ValueError) as error:
        preset("huge")
    assert str(error.value) == ("preset must be one of tiny, small, hermes, wide, lean, ripple, "
                                "not 'huge'")
