"""What the converters, and the lines between them and the devices, are told of a window."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.readout.payloads import block_range

__all__ = ["ConverterDriver", "ConverterPins", "window_members"]


def window_members(config):
    """Members that describe a window, the same at the sequencer and at the pins.

    ``plus`` and ``minus`` connect the devices of that side, bit ``d`` of ``devices`` those that
    have number ``d`` in their cell, ``block`` chooses the columns that are connected to the
    counters, ``reference`` replaces the array by a known current of code
    ``reference_code`` into the P or, if ``reference_negative``, into the N oscillators.
    """
    return {
        "plus": Out(1), "minus": Out(1), "devices": Out(2),
        "block": Out(block_range(config)),
        "reference": Out(1), "reference_negative": Out(1),
        "reference_code": Out(config.readout.reference_bits),
    }


class ConverterPins(wiring.Signature):
    """Pins of the converters, all from flip-flops.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    gate : Out(counter_banks)
        The oscillators are counted in this bank; one at a time.
    flush : Out(1)
        Whatever is being converted is not wanted any more.
    plus, minus, devices, block, reference, reference_negative, reference_code : Out
        See `window_members`; steady throughout a window.
    """

    def __init__(self, config):
        super().__init__({"gate": Out(config.readout.counter_banks), "flush": Out(1),
                          **window_members(config)})


class ConverterDriver(wiring.Component):
    """Brings the description of a window to the pins in the clock of its gate.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    window : In(Signature(window_members(config)))
    pins : Out(Signature(window_members(config)))
        One clock later.
    """

    def __init__(self, config):
        members = wiring.Signature(window_members(config))
        super().__init__({"window": In(members), "pins": Out(members)})

    def elaborate(self, platform):
        m = Module()
        m.d.sync += [getattr(self.pins, name).eq(getattr(self.window, name))
                     for name in self.pins.signature.members]
        return m
