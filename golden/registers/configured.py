"""The map of one tile: what it has, and the reset values that follow from its configuration."""

from dataclasses import replace

from golden.registers.windows import WINDOWS
from golden.registers.words import PAGES

__all__ = ["registers_of", "resets", "windows_of"]


def resets(config):
    """Reset values, ``resets[register][field]``, where they are not those of the description."""
    readout = config.readout
    return {
        "SHAPE": {"rows": config.array.rows, "columns": config.array.columns},
        "UNIT": {"lanes": config.nmpu.lanes, "max_reads": config.nmpu.max_reads},
        "READOUT": {
            "counter_bits": readout.counter_bits,
            "counter_banks": readout.counter_banks,
            "columns_per_counter": readout.columns_per_counter,
            "settle_clocks": readout.settle_clocks if readout.front_end == "oscillator" else 0,
            "reference_bits": readout.reference_bits,
        },
        "SETTINGS": {"output_bits": config.nmpu.output_bits,
                     "input_bits": config.drive.input_bits},
    }


def registers_of(config):
    """The registers of a tile in the order of their addresses, with its reset values."""
    own = resets(config)
    return [replace(register, fields=tuple(
                replace(f, reset=own.get(register.name, {}).get(f.name, f.reset))
                for f in register.fields))
            for page in PAGES if page.present(config) for register in page.registers]


def windows_of(config):
    """The windows of a tile in the order of their addresses."""
    return [window for window in WINDOWS if window.present(config)]
