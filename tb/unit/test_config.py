"""Configurations: YAML there and back, and every refusal in its own words."""

import re

import pytest

from golden.config import (
    ArrayConfig,
    ConfigError,
    DriveConfig,
    NmpuConfig,
    ReadoutConfig,
    StreamConfig,
    TileConfig,
)
from golden.presets import PRESETS, hermes, preset, tiny
from golden.qformat import QFormat
from golden.requantise import Rounding


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)
def test_yaml_round_trip(config):
    text = config.to_yaml()
    assert TileConfig.from_yaml(text) == config
    assert TileConfig.from_yaml(text).to_yaml() == text


def test_yaml_keeps_every_kind_of_value():
    config = tiny.replace(nmpu={"rounding": Rounding.FLOOR, "scale": QFormat(False, 2, 6)},
                          readout={"counter_bits": 11})
    assert TileConfig.from_yaml(config.to_yaml()) == config


def test_what_is_left_out_is_the_default():
    for text in ("", "{}", "nmpu:", "nmpu: {}"):
        assert TileConfig.from_yaml(text) == hermes
    assert TileConfig.from_yaml("array: {rows: 128}").array == ArrayConfig(rows=128)


@pytest.mark.parametrize(("text", "message"), [
    ("arrays: {}", "unknown key arrays: allowed are array, drive, readout, nmpu, stream"),
    ("array: {row: 2}", "unknown key array.row: allowed are rows, columns"),
    ("[1]", ("the configuration must be a mapping of array, drive, readout, nmpu, stream, "
            "not [1]")),
    ("array: 7", "array must be a mapping of rows, columns, not 7"),
    ("array: {rows: 'many'}", "array.rows must be an integer from 2 to 1024, not 'many'"),
    ("array: {rows: 8.0}", "array.rows must be an integer from 2 to 1024, not 8.0"),
    ("array: {rows: true}", "array.rows must be an integer from 2 to 1024, not True"),
    ("nmpu: {scale: 7}", "nmpu.scale: a format is written U(i,f) or S(i,f), not 7"),
    ("nmpu: {scale: 'U(0,0)'}", "nmpu.scale: U(0,0) is 0 bits wide; allowed are 1 to 62"),
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
    (lambda: DriveConfig(read_mode="two_phase"),
     "drive.read_mode must be one of one_phase, not 'two_phase'"),
    (lambda: ReadoutConfig(front_end="adc"),
     "readout.front_end must be one of count, not 'adc'"),
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
    (lambda: StreamConfig(x_bits=4), "stream.x_bits must be from 8 to 8192, not 4"),
    (lambda: StreamConfig(y_bits="8"),
     "stream.y_bits must be an integer from 8 to 8192, not '8'"),
    (lambda: TileConfig(array=DriveConfig()), ("array must be of type ArrayConfig, not "
     "DriveConfig(input_bits=8, read_mode='one_phase')")),
    (lambda: tiny.replace(nmpu={"lanes": 3}),
     "nmpu.lanes must divide array.columns 8 (1, 2, 4, 8), not 3"),
    (lambda: tiny.replace(stream={"x_bits": 24}), ("stream.x_bits must be whole bytes and divide "
     "64 (8 elements of 8 bits), not 24")),
    (lambda: tiny.replace(stream={"y_bits": 32}), ("stream.y_bits must be whole bytes and divide "
     "16 (2 elements of 8 bits), not 32")),
    (lambda: tiny.replace(stream={"x_bits": 12}), ("stream.x_bits must be whole bytes and divide "
     "64 (8 elements of 8 bits), not 12")),
    (lambda: tiny.replace(nmpu={"accumulator_bits": 25}),
     "nmpu.accumulator_bits must be at least 26 to hold 16 reads of S(15,7), not 25"),
    (lambda: tiny.replace(nmpu={"accumulator_bits": 48, "max_reads": 256,
                                "norm_scale": QFormat(True, 16, 16),
                                "norm_bias": QFormat(True, 1, 31)}),
     ("nmpu.norm_scale S(16,16) and nmpu.norm_bias S(1,31) on S(41,7) need more than the 62 bits "
     "allowed")),
])
def test_refused_values(make, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        make()


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


def test_unknown_preset():
    with pytest.raises(ValueError) as error:
        preset("huge")
    assert str(error.value) == "preset must be one of tiny, small, hermes, wide, not 'huge'"
