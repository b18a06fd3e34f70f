"""Registers and AXI4-Lite: every rule of the register map, then random accesses."""

from golden.presets import tiny
from golden.qformat import QFormat
from golden.registers import (
    CHAIN_BASE,
    COEFFICIENTS,
    DESCRIPTOR_BASE,
    DRIFT_BASE,
    PROGRAM_BASE,
    REGISTERS,
    SATURATED_BASE,
    STICKY,
    SUM_BASE,
    coefficient_address,
    pack,
)
from hw.nmpu.coefficients import coefficient_format
from tb.bits import mask
from tb.cases.coefficients import value_near
from tb.cases.register_drift import drift_rules
from tb.cases.register_file import RegisterFile, levels
from tb.cases.register_model import HERE
from tb.cases.register_program import Program
from tb.cases.register_rules import control_rules, measurement_rules, probe_rules, settings_rules

VARIANTS = ("tiny", "narrow", "oscillator")
CONFIGS = {
    "tiny": tiny,
    "narrow": tiny.replace(
        drive={"input_bits": 4, "read_modes": ("one_phase", "four_phase")},
        drift={"engine": False},
        nmpu={"output_bits": 6, "max_reads": 5, "shift_bits": 3, "residual": False},
        readout={"columns_per_counter": 4, "reference_bits": 16}),
    "oscillator": tiny.replace(array={"columns": 6}, readout={
        "front_end": "oscillator", "settle_clocks": 5, "counter_banks": 2, "counter_bits": 16,
        "reference_bits": 2}, nmpu={"accumulator_bits": 40},
        drift={"gain": QFormat(False, 3, 15), "vectors": 16, "max_repeats": 16}),
}


def build(variant):
    return RegisterFile(CONFIGS[variant])


def program(variant, rng):
    config = CONFIGS[variant]
    p = Program(config)
    p.steps.append(("look", p.model.outputs()))
    p.read_all()
    access_rules(p, config, rng)
    settings_rules(p, config)
    control_rules(p, config)
    for pin, clocks in (("read_captured", 1), ("result_sent", 3), ("count_full", 4),
                        ("read_captured", 9), ("count_full", 1)):
        p.pulse(pin, clocks)
    p.read_all()
    probe_rules(p, config, rng)
    measurement_rules(p, config)
    drift_rules(p, config, rng)
    sticky_events(p)
    coefficients_behind(p, config, rng)
    p.set("busy", 1)
    p.read_all()
    fuzz(p, config, rng)
    p.read_all()
    return [*p.steps, ("pulses", p.model.pulses)]


def access_rules(p, config, rng):
    for register in HERE.values():
        for strobe in (0b0001, 0b0011, 0b0111, 0b1110, 0b1100, 0b0110):
            assert p.write(register.offset, 0x0001_4401, strobe)
        for data in (0xFFFF_FFFF, 0, 0xFFFF_FFFF, int(rng.integers(1 << 32))):
            refused = p.write(register.offset, data)
            assert refused or register.writable
            if register.offset >= DRIFT_BASE and not config.drift.engine:
                assert refused
        p.write(register.offset, 0)
        if register.offset >= DRIFT_BASE and not config.drift.engine:
            continue  # the page is not there, and cocotbext-axi cannot ask between its words
        for near in (1, 2, 3):
            assert p.write(register.offset + near, 0)
            p.read(register.offset + near)
    ends = [max(r.offset for r in HERE.values() if low <= r.offset < low + 0x1000) + 4
            for low in (0, DRIFT_BASE)]
    for address in (*ends, ends[0] + 4, 0x100, 0x1100, 0x1FFC, 0x6000, 0x7000, SATURATED_BASE,
                    SATURATED_BASE + 0xFFC, SUM_BASE, SUM_BASE + 0xFFC, 0x3000, 0x5000, 0x7FFC,
                    DESCRIPTOR_BASE, DESCRIPTOR_BASE + 0x1FFC, PROGRAM_BASE, CHAIN_BASE,
                    CHAIN_BASE + 0xFFC):
        assert p.write(address, 1)
        p.read(address)
    for event in ("measured", "calibrated", "drift_updated", "batch_done"):
        p.pulse(event)
    p.read_all()


def sticky_events(p):
    status, enable = REGISTERS["STATUS"].offset, REGISTERS["IRQ_ENABLE"].offset
    for f in STICKY:
        bit = 1 << f.low
        p.write(enable, bit)
        for other in STICKY:
            p.pulse(other.name)
        p.read(status)
        p.write(status, bit)  # clears this one only
        p.read(status)
        p.collide(status, bit, f.name)  # hardware sets it in the same clock, and wins
        p.read(status)
        p.write(status, 0)
        p.read(status)
        p.write(status, 0xFFFF_FFFF)
        p.read(status)
    p.write(enable, 0xFFFF_FFFF)
    p.read(enable)
    p.write(enable, 0)


def coefficients_behind(p, config, rng):
    words = [(column, name) for column in range(config.array.columns) for name in COEFFICIENTS]
    for bank in (0, 1):
        p.set("bank", bank)
        for k in rng.permutation(len(words)):
            column, name = words[k]
            fmt = coefficient_format(config, name)
            p.write(coefficient_address(column, name),
                    int(rng.integers(fmt.min, fmt.max, endpoint=True)) & mask(32))
    for bank in (0, 1, 0):
        p.set("bank", bank)
        for column, name in words:
            address, fmt = coefficient_address(column, name), coefficient_format(config, name)
            for outside in (fmt.min - 1, fmt.max + 1):
                assert p.write(address, outside & mask(32))
            p.read(address)
    base = coefficient_address(0, "scale_p")
    for address in (base + 24, base + 28, base + 1, base + 2,
                    coefficient_address(config.array.columns, "scale_p"),
                    coefficient_address(1023, "norm_bias")):
        assert p.write(address, 0)
        p.read(address)
    assert p.write(base, 1, 0b0011)
    p.set("swap_pending", 1)
    assert p.write(base, 1)
    p.read(base)
    p.read(REGISTERS["CONTROL"].offset)
    p.set("swap_pending", 0)
    p.read(base)
    # The drift engine writes: neither the bus nor an exchange.
    p.set("rewriting", 1)
    assert p.write(base, 1)
    p.read(base)
    assert p.write(REGISTERS["CONTROL"].offset, pack("CONTROL", run=0, swap=1))
    assert not p.write(REGISTERS["CONTROL"].offset, pack("CONTROL", run=1))
    p.set("rewriting", 0)
    p.read(base)
    assert not p.write(REGISTERS["CONTROL"].offset, pack("CONTROL", run=1, swap=1))


def fuzz(p, config, rng):
    addresses = [r.offset for r in REGISTERS.values()]
    for _ in range(300):
        name = str(rng.choice(COEFFICIENTS))
        column = int(rng.integers(config.array.columns))
        near = coefficient_address(column, name)
        other = coefficient_address((column + 1) % config.array.columns, name)
        data = value_near(rng, coefficient_format(config, name)) & mask(32)
        match int(rng.integers(8)):
            case 0:
                p.write(near, data)
            case 1:
                p.both(near, data, int(rng.choice([other, *addresses])))
            case 2:
                p.both(REGISTERS["IRQ_ENABLE"].offset, data, near)
            case 3:
                p.write(int(rng.choice(addresses)), int(rng.integers(1 << 32)))
            case 4:
                p.read(int(rng.choice([near, *addresses])))
            case 5:
                p.set(str(rng.choice(["bank", "busy", "swap_pending", "rewriting", "drift_busy",
                                      "flush", "running", "safe", "programming"])),
                      int(rng.integers(2)))
            case 6:
                level = str(rng.choice([*levels(config)]))
                p.set(level, int(rng.integers(1 << min(12, levels(config)[level]))))
            case 7:
                p.pulse(str(rng.choice(["measured", "input_clipped", "result_sent", "calibrated",
                                        "drift_refused", "batch_done"])))
