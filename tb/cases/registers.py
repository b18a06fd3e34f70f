"""Registers and AXI4-Lite: a program of accesses and pin changes with their expected answers.

A program is a list of steps: ``Access``, ``("set", pin, level)``, ``("pulse", pin, clocks)``,
``("look", outputs)`` and, at the end, ``("swaps", count)``.
"""

from dataclasses import dataclass

from golden.presets import tiny
from golden.registers import COEFFICIENTS, REGISTERS, STICKY, coefficient_address, pack
from hw.nmpu.coefficients import coefficient_format
from tb.bits import mask
from tb.cases.coefficients import value_near
from tb.cases.register_file import RegisterFile
from tb.cases.register_model import WHOLE, RegisterModel

VARIANTS = ("tiny", "narrow")
CONFIGS = {"tiny": tiny, "narrow": tiny.replace(
    drive={"input_bits": 4}, nmpu={"output_bits": 6, "max_reads": 5, "shift_bits": 3})}


@dataclass(frozen=True)
class Access:
    """A write, a read, or both at once, of different addresses.

    Parameters
    ----------
    write : (address, data, strobe, refused) or None
    read : (address, refused, data) or None
        ``data`` is None where nothing is known of it.
    """

    write: tuple | None = None
    read: tuple | None = None


def build(variant):
    return RegisterFile(CONFIGS[variant])


class Program:
    """Steps, written down with what the model says to each."""

    def __init__(self, config):
        self.model = RegisterModel(config)
        self.steps = []

    def write(self, address, data, strobe=WHOLE):
        refused = self.model.write(address, data, strobe)
        self.steps += [Access(write=(address, data, strobe, refused)),
                       ("look", self.model.outputs())]
        return refused

    def read(self, address):
        self.steps.append(Access(read=(address, *self.model.read(address))))

    def read_all(self):
        for register in REGISTERS.values():
            self.read(register.offset)

    def both(self, address, data, read_address):
        read = (read_address, *self.model.read(read_address))
        self.steps.append(Access(write=(address, data, WHOLE, self.model.write(address, data)),
                                 read=read))

    def set(self, pin, level):
        self.model.set(pin, level)
        self.steps.append(("set", pin, level))

    def pulse(self, pin, clocks=1):
        self.model.pulse(pin, clocks)
        self.steps.append(("pulse", pin, clocks))


def program(variant, rng):
    config = CONFIGS[variant]
    p = Program(config)
    p.steps.append(("look", p.model.outputs()))
    p.read_all()
    access_rules(p, config, rng)
    settings_rules(p, config)
    sticky_events(p)
    coefficient_window(p, config, rng)
    p.set("busy", 1)
    for pin, clocks in (("read_captured", 1), ("result_sent", 3), ("read_captured", 9)):
        p.pulse(pin, clocks)
    p.read_all()
    fuzz(p, config, rng)
    p.read_all()
    return [*p.steps, ("swaps", p.model.swaps)]


def access_rules(p, config, rng):
    for register in REGISTERS.values():
        for strobe in (0b0001, 0b0011, 0b0111, 0b1110, 0b1100, 0b0110):
            assert p.write(register.offset, 0x0001_4401, strobe)
        for data in (0xFFFF_FFFF, 0, 0xFFFF_FFFF, int(rng.integers(1 << 32))):
            refused = p.write(register.offset, data)
            assert refused or register.writable
        p.write(register.offset, 0)
        for near in (1, 2, 3):
            assert p.write(register.offset + near, 0)
            p.read(register.offset + near)
    end = max(r.offset for r in REGISTERS.values()) + 4
    for address in (end, end + 4, 0x100, 0x1010, 0x4010, 0x7FFC):
        assert p.write(address, 1)
        p.read(address)
    p.read_all()


def settings_rules(p, config):
    legal = {"reads": 1, "shift": 1, "relu": 1, "output_bits": 4, "input_bits": 4}
    address = REGISTERS["SETTINGS"].offset
    accepted = 0
    for name, values in {
            "reads": (0, 1, 2, config.nmpu.max_reads, config.nmpu.max_reads + 1, 256, 65535),
            "shift": (0, 1, (1 << config.nmpu.shift_bits) - 1, 1 << config.nmpu.shift_bits, 63),
            "relu": (0, 1), "output_bits": range(16), "input_bits": range(16)}.items():
        for value in values:
            accepted += not p.write(address, pack("SETTINGS", **{**legal, name: value}))
            p.read(address)
    assert accepted > 10


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
        p.set(f.name, 1)
        p.write(status, bit)  # hardware sets it in the same clock, and wins
        p.set(f.name, 0)
        p.read(status)
        p.write(status, 0)
        p.read(status)
        p.write(status, 0xFFFF_FFFF)
        p.read(status)
    p.write(enable, 0xFFFF_FFFF)
    p.read(enable)
    p.write(enable, 0)


def coefficient_window(p, config, rng):
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


def fuzz(p, config, rng):
    addresses = [r.offset for r in REGISTERS.values()]
    for _ in range(300):
        name = str(rng.choice(COEFFICIENTS))
        column = int(rng.integers(config.array.columns))
        near = coefficient_address(column, name)
        other = coefficient_address((column + 1) % config.array.columns, name)
        data = value_near(rng, coefficient_format(config, name)) & mask(32)
        match int(rng.integers(6)):
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
                p.set(str(rng.choice(["bank", "busy", "swap_pending"])), int(rng.integers(2)))
