"""The golden programming engine: rows by hand, a whole array, and the clocks of both."""

import copy
import itertools

import numpy as np
import pytest

from golden.array.pulse_array import PulseArray
from golden.array.pulse_response import PulseDevices, PulseResponse
from golden.array.verify import VerifySettings
from golden.presets import hermes, tiny
from golden.program.clocks import job_clocks, row_clocks
from golden.program.engine import program_row, program_rows
from golden.program.formats import ProgramFormats, largest_target
from golden.program.settings import ProgramSettings
from golden.program.targets import pack_row, read_row

WINDOW_COUNTS_PER_US = 0.896
"""35 MHz/µA * 0.2 V * 128 ns: a quarter of a read of 512 ns."""


def exact(g_set_us, **settings):
    """Noiseless devices, (devices, 2, 1, columns), half current 400 µA, width 50 µA."""
    g_set_us = np.asarray(g_set_us, float)
    return PulseArray(PulseDevices(
        g_set_us=g_set_us, g_reset_us=np.zeros_like(g_set_us), width_ua=50.0, read_sigma=0.0,
        half_ua=np.full(g_set_us.shape, 400.0), cycle_sigma_ua=0.0), counts_per_us=0.25, seed=0)


def test_a_row_by_hand():
    # 90 µS are 22 counts in each of four windows: 88. Gain 1, so 125 + 43 = 168 first, which
    # leaves 90/(1 + e^-4.64) = 89.1 or 22 counts again: 211, and so on up to the flank.
    settings = ProgramSettings(loop=VerifySettings(gain=16, max_rounds=2))
    row = program_row(np.array([45, 0, -88]), exact(np.full((1, 2, 1, 3), 90.0)), 0,
                      settings=settings)
    assert row.read.tolist() == [84, 0, -88]
    assert row.rounds.tolist() == [2, 0, 0]
    assert row.current_ua.tolist() == [125 + 43 + 43, 700, 125]
    assert row.converged.tolist() == [False, True, True]
    assert [(s.kind, s.read, s.pulsed.tolist()) for s in row.sweeps] == [
        ("reset", False, [True] * 3), ("reset", False, [True] * 3),
        ("set", False, [True, False, True]), ("loop", True, [True, False, False]),
        ("loop", True, [True, False, False]), ("loop", True, [False] * 3)]


def test_two_devices_by_hand():
    """Above both, above one, above none; the other device stays SET or is RESET; target 0."""
    array = exact([[[[100.0] * 4], [[100.0] * 4]], [[[80.0] * 4], [[80.0] * 4]]])
    row = program_row(np.array([150, -90, 60, 0]), array, 0)
    assert row.converged.all()
    kinds = [s.kind for s in row.sweeps[:8]]
    assert kinds == ["reset"] * 4 + ["set"] * 2 + ["compare", "reset"]
    assert row.sweeps[7].pulsed.tolist() == [False, True, True, False]
    g_us = array.g_us[:, :, 0]
    assert g_us[0, 0, 0] == 100 and 0 < g_us[1, 0, 0] < 80
    assert 0 < g_us[0, 1, 1] < 100 and g_us[1, 1, 1] == 0
    assert 0 < g_us[0, 0, 2] < 100 and g_us[1, 0, 2] == 0
    assert (g_us[..., 3] == 0).all() and (g_us[:, 1, [0, 2]] == 0).all()


def test_a_rectangle_leaves_the_rest_alone_and_cells_do_not_meet():
    population = PulseResponse().sample((2, 2, 4, 8), np.random.default_rng(2))
    whole, part = (PulseArray(copy.deepcopy(population), counts_per_us=WINDOW_COUNTS_PER_US,
                              seed=7) for _ in range(2))
    targets = np.random.default_rng(3).integers(-150, 151, (4, 8))
    program_rows(targets, whole)
    program_rows(targets[1:3, 2:7], part, first_row=1, first_column=2)
    inside = np.zeros((4, 8), bool)
    inside[1:3, 2:7] = True
    np.testing.assert_array_equal(part.g_us[..., inside], whole.g_us[..., inside])
    np.testing.assert_array_equal(part.g_us[..., ~inside], population.g_us[..., ~inside])


@pytest.mark.parametrize(("devices", "g_max", "milliseconds"), [
    (1, 80, {1: 79.7, 32: 6.7}), (2, 160, {1: 125.0, 32: 8.6})])
def test_a_whole_array(devices, g_max, milliseconds):
    """256 x 256 Gaussian weights: published are 99.9 % and more; clocks are those of docs."""
    weights, population = np.random.default_rng(1).spawn(2)
    targets = np.clip(np.round(weights.normal(0, g_max / 2, (256, 256))), -g_max, g_max)
    array = PulseArray(PulseResponse().sample((devices, 2, 256, 256), population), seed=1,
                       counts_per_us=WINDOW_COUNTS_PER_US)
    rows = program_rows(targets.astype(int), array)
    assert np.mean([row.converged for row in rows]) > 0.999
    assert max(row.rounds.max() for row in rows) <= 30
    reached = (array.g_us[:, 0] - array.g_us[:, 1]).sum(axis=0) * 4 * WINDOW_COUNTS_PER_US
    assert abs((reached - targets).mean()) < 0.5
    for heads, wanted in milliseconds.items():
        config = hermes.replace(program={"heads": heads, "devices": devices})
        clocks = job_clocks(rows, config, ProgramSettings(), first_column=0, read_clocks=528)
        assert clocks / 1e6 == pytest.approx(wanted, abs=0.05)


def test_clocks_by_hand():
    """One device, two heads, eight columns of which 3 to 6 are in the range: groups 1, 2 and 3."""
    settings = ProgramSettings(precharge=10, reset_clocks=20, set_clocks=5, set_trailing=2,
                               pulse_clocks=3, loop=VerifySettings(max_rounds=0))
    row = program_row(np.array([45, 0, 0, -45]), exact(np.full((1, 2, 1, 8), 90.0)), 0,
                      first_column=3, settings=settings)
    config = tiny.replace(program={"devices": 1})
    # Targets: one clock to ask, four beats of one word and a clock each for its word, one more.
    # A pass: one clock to start, two columns and four clocks up to the first pulse, then pulses of
    # 20 + 3 clocks hide the next group; two clocks to go on.
    reset = 1 + (2 + 4) + 3 * 23 + 2
    # Column 3 of group 1 and column 6 of group 3 are SET: group 2 waits for the first pulse, then
    # nobody fires, and the last one takes 1 + 2 + 4 clocks.
    set_ = 1 + 6 + (5 + 2 + 3) + 7 + (5 + 2 + 3) + 2
    # No pulse: three groups one after the other, and one more clock.
    loop = 1 + 6 + 7 + 7 + 1 + 2
    assert [s.pulsed.tolist() for s in row.sweeps[2:]] == [[True, False, False, True], [False] * 4]
    wanted = (1 + 8 + 1) + 2 * reset + set_ + (10 + 1 + 30) + loop
    assert row_clocks(row, config, settings, first_column=3, read_clocks=30) == wanted
    # The groups before are passed one per clock.
    assert job_clocks([row, row], config, settings, first_column=3,
                      read_clocks=30) == 5 + 1 + 2 * wanted
    # Heads that take three clocks longer: six pulses of RESET, two of SET.
    slow = row_clocks(row, config, settings, first_column=3, read_clocks=30, ready_clocks=4)
    assert slow == wanted + 3 * 8


def test_targets_there_and_back():
    rng = np.random.default_rng(0)
    for x_bits, columns in itertools.product((16, 64, 512), (1, 4, 33)):
        config = hermes.replace(stream={"x_bits": x_bits})
        targets = rng.integers(-4095, 4096, columns)
        beats = pack_row(targets, x_bits)
        assert len(beats) == -(-columns * 16 // x_bits)
        got, clipped, surplus = read_row(beats, columns, config)
        assert (got.tolist(), clipped, surplus) == (targets.tolist(), 0, 0)
    assert pack_row([-1, 2, 0x7FFF], 32) == [0x0002_FFFF, 0x0000_7FFF]
    # Ends early; clipped on both sides; a beat too many.
    config = tiny.replace(stream={"x_bits": 32})
    assert read_row([0xF000_1000], 4, config)[0].tolist() == [4095, -4095, 0, 0]
    assert read_row([0xF000_1000], 4, config)[1:] == (2, 0)
    assert read_row([1, 2, 3], 3, config)[2] == 1
    with pytest.raises(ValueError, match=r"^targets must be in -32768\.\.32767, not \[32768\]$"):
        pack_row([32768], 32)


def test_formats_hold_their_ends():
    for bits in (4, 12, 16):
        config = tiny.replace(readout={"counter_bits": bits}, nmpu={"accumulator_bits": 44})
        formats, top = ProgramFormats.of(config), largest_target(config)
        assert top == min((1 << bits) - 1, 32767)
        assert formats.sum.fmt.width == bits + 4 + 1
        most = 16 * ((1 << bits) - 1)
        settings = VerifySettings(gain=255, low=0, high=4095)
        for error in (most, -most - top):
            assert formats.error.low <= error <= formats.error.high
            assert formats.product.low <= 255 * error <= formats.product.high
            for current in (0, 4095):
                assert formats.current.low <= current + settings.change(error)
                assert formats.current.high >= current + settings.change(error)


def test_settings_of_a_configuration():
    assert ProgramSettings.of(hermes) == ProgramSettings()
    weak = hermes.replace(program={"max_current_ua": 90, "max_pulse_clocks": 130,
                                   "max_rounds": 9})
    settings = ProgramSettings.of(weak).validate(weak)
    assert (settings.loop.low, settings.loop.high, settings.loop.max_rounds) == (90, 90, 9)
    assert (settings.set_clocks, settings.set_trailing, settings.reset_ua) == (130, 0, 90)


@pytest.mark.parametrize(("change", "message"), [
    ({"windows": 17}, "windows must be an integer in 1..16, not 17"),
    ({"precharge": 0}, "precharge must be an integer in 1..65535, not 0"),
    ({"reset_clocks": 513}, "reset_clocks must be an integer in 1..512, not 513"),
    ({"set_trailing": 263}, "set_trailing must be an integer in 0..262, not 263"),
    ({"set_ua": 701}, "set_ua must be an integer in 0..700, not 701"),
    ({"loop": VerifySettings(max_rounds=31)}, "max_rounds must be an integer in 0..30, not 31"),
    ({"loop": VerifySettings(high=701)}, "high must be an integer in 0..700, not 701"),
])
def test_refused_settings(change, message):
    with pytest.raises(ValueError) as error:
        ProgramSettings(**change).validate(hermes)
    assert str(error.value) == message
