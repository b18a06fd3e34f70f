"""What registers must refuse: rules of settings, control, probe and measurement, at every edge."""

from golden.array.modes import READ_MODES
from golden.formats import NmpuFormats
from golden.registers import MOST_REPEATS, REGISTERS, pack
from golden.settings import most_reads
from tb.bits import mask
from tb.cases.register_file import levels

__all__ = ["control_rules", "measurement_rules", "probe_rules", "settings_rules"]


def settings_rules(p, config):
    address = REGISTERS["SETTINGS"].offset
    legal = {"reads": 1, "shift": 1, "relu": 1, "output_bits": 4, "input_bits": 4}
    accepted, refused = 0, 0

    def write(**values):
        nonlocal accepted, refused
        no = p.write(address, pack("SETTINGS", **{**legal, **values}))
        p.read(address)
        accepted, refused = accepted + (not no), refused + no
        return no

    for name, values in {
            **dict.fromkeys(("relu", "relu_first", "bypass", "residual"), (0, 1)),
            "shift": (0, 1, (1 << config.nmpu.shift_bits) - 1, 1 << config.nmpu.shift_bits, 63),
            "output_bits": range(16), "input_bits": range(16)}.items():
        for value in values:
            write(**{name: value})
    for number, mode in enumerate(READ_MODES):
        for bits in (8, 6, 4):
            most = most_reads(config, read_mode=mode, input_bits=bits)
            built = mode in config.drive.read_modes and bits <= config.drive.input_bits
            for reads in {0, 1, most, most + 1, config.nmpu.max_reads, 256, 4095}:
                no = write(read_mode=number, input_bits=bits, reads=reads)
                assert no == (not built or not 1 <= reads <= most)
    assert write(residual=1) == (not config.nmpu.residual)
    assert accepted > 10 and refused > 10
    address, most = REGISTERS["RESIDUAL"].offset, NmpuFormats.of(config).residual_shift
    for scale in (0, 1, 255):
        for shift in {0, 1, most - 1, most, min(most + 1, 63), 63}:
            assert p.write(address, pack("RESIDUAL", scale=scale, shift=shift)) == (shift > most)
            p.read(address)


def control_rules(p, config):
    """Who may run beside whom, and what a recovery and a flush do."""
    control, measure = REGISTERS["CONTROL"].offset, REGISTERS["MEASURE"].offset
    status, reference = REGISTERS["STATUS"].offset, REGISTERS["REFERENCE"].offset

    def write(**fields):
        refused = p.write(control, pack("CONTROL", **fields))
        p.read(control)
        return refused

    for run in (1, 0):
        for bad_parity in (1, 0):
            assert not write(run=run, bad_parity=bad_parity)
    assert not write(run=1)
    p.set("running", 1)  # while a chain does, only it reads vectors
    assert write(run=1) and write(run=1, recover=1) and write(run=1, bad_parity=1)
    assert not write(recover=1) and not write(swap=1) and not write(bad_parity=1)
    assert not p.write(measure, pack("MEASURE", start=1))
    p.read(status)
    p.set("flush", 1)  # which ends the measurement, and keeps others from starting
    p.read(measure)
    p.read(control)
    assert not p.write(measure, pack("MEASURE", start=1))
    p.read(measure)
    p.set("safe", 1)
    p.read(control)
    p.read(status)
    assert not write(recover=1)
    p.set("safe", 0)
    p.set("flush", 0)
    p.set("running", 0)
    p.read(control)
    p.read(measure)
    p.set("programming", 1)
    assert p.write(measure, pack("MEASURE")) and p.write(measure, pack("MEASURE", start=1))
    assert p.write(reference, pack("REFERENCE"))
    assert not write(run=1)
    p.set("programming", 0)
    assert not p.write(reference, pack("REFERENCE"))
    p.pulse("chain_measure")
    p.read(measure)
    assert p.write(reference, pack("REFERENCE")) and p.write(measure, pack("MEASURE"))
    p.pulse("measured")
    p.read(measure)
    assert not write(run=0)


def probe_rules(p, config, rng):
    address, columns = REGISTERS["PROBE"].offset, config.array.columns
    for column in (*range(columns), columns, columns + 1, 255, 256, 1 << 15, 0xFFFF, columns - 1):
        assert p.write(address, column) == (column >= columns)
        p.read(address)
    for name in levels(config):
        for value in (0, 1, int(rng.integers(1 << 12)), mask(levels(config)[name]), 0):
            p.set(name, value)
            for shown in ("WINDOW", "PROBE_COUNTS"):
                p.read(REGISTERS[shown].offset)


def measurement_rules(p, config):
    """Every edge of code, step and repeats; and nothing changes while one runs."""
    reference, measure = REGISTERS["REFERENCE"].offset, REGISTERS["MEASURE"].offset
    top = mask(config.readout.reference_bits)
    for code in {0, 1, top, top + 1, 0xFFFF} & {*range(1 << 16)}:
        for step in {0, 1, top, top + 1} & {*range(1 << 16)}:
            refused = p.write(reference, pack("REFERENCE", code=code, step=step))
            assert refused == (max(code, step) > top)
            p.read(reference)
    p.write(reference, 0)
    for repeats in (0, 1, 2, MOST_REPEATS - 1, MOST_REPEATS, MOST_REPEATS + 1, 8191):
        refused = p.write(measure, pack("MEASURE", repeats=repeats))
        assert refused == (not 1 <= repeats <= MOST_REPEATS)
        p.read(measure)
    tally = {True: 0, False: 0}
    for code, step, repeats in (
            (top, 0, MOST_REPEATS), (top, 1, 1), (top, 1, 2), (0, top, 2), (1, top, 2),
            (0, top, 3), (top - 1, 1, 2), (top - 1, 1, 3), (0, 1, top + 1), (0, 1, top + 2),
            (top % 3, 3, top // 3 + 1), (top % 3, 3, top // 3 + 2), (0, top, MOST_REPEATS)):
        assert not p.write(reference, pack("REFERENCE", code=code, step=step))
        for start in (0, 1):
            refused = p.write(measure, pack("MEASURE", repeats=min(repeats, 8191),
                                            negative=code & 1, start=start))
            assert refused == (code + step * (repeats - 1) > top or repeats > MOST_REPEATS)
            p.read(measure)
            tally[refused] += 1
        if not refused:
            assert p.write(reference, 0)
            assert p.write(measure, pack("MEASURE", repeats=1))
            assert p.write(measure, pack("MEASURE", repeats=1, start=1))
            assert not p.write(REGISTERS["IRQ_ENABLE"].offset, 0)
            p.read(reference)
            p.read(measure)
            p.pulse("measured")
            p.read(measure)
    assert min(tally.values()) > 3
