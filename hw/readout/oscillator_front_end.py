"""The `oscillator` front end: counters clocked by the oscillators of the macro."""

from amaranth.hdl import Array, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.readout.payloads import count_pairs
from hw.readout.ripple_counter import RippleCounter

__all__ = ["OscillatorFrontEnd", "OscillatorPins"]


class OscillatorPins(wiring.Signature):
    """The oscillators of every pair of counters, as the macro drives them.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    p, n : Out(counters)
    """

    def __init__(self, config):
        super().__init__({"p": Out(config.counters), "n": Out(config.counters)})


class OscillatorFrontEnd(wiring.Component):
    """Gate, freeze, settle, capture, clear.

    A counter counts while its gate is open and is frozen when it closes. ``settle_clocks`` clocks
    later its count is offered, and the clock after it was taken its bank is cleared. So the gate
    of the same bank may open ``settle_clocks + 1`` clocks after it closed. Nothing is sampled
    while it moves: see `docs/oscillator.md` for the settling time that this needs.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    oscillators : In(OscillatorPins(config))
        Asynchronous.
    gate : In(counter_banks)
        From flip-flops.
    due : In(1)
        Bank ``due_bank`` is closed, from its first closed clock to its capture.
    due_bank : In(range(counter_banks))
    o : Out(stream.Signature(count_pairs(config, counters)))
    """

    def __init__(self, config):
        self._config = config
        banks = config.readout.counter_banks
        super().__init__({
            "oscillators": In(OscillatorPins(config)),
            "gate": In(banks),
            "due": In(1),
            "due_bank": In(range(banks)),
            "o": Out(stream.Signature(count_pairs(config, config.counters))),
        })

    def elaborate(self, platform):
        m = Module()
        readout, counters = self._config.readout, self._config.counters
        # Reset clears the counters, which have no clock to be reset by.
        clear = Signal(readout.counter_banks, init=(1 << readout.counter_banks) - 1)
        waited = Signal(range(readout.settle_clocks))

        counts = []
        for bank in range(readout.counter_banks):
            value = Signal(count_pairs(self._config, counters), name=f"bank_{bank}")
            counts.append(value)
            for polarity in ("p", "n"):
                for k in range(counters):
                    m.submodules[f"bank_{bank}_{polarity}_{k}"] = counter = RippleCounter(
                        readout.counter_bits)
                    m.d.comb += [
                        counter.oscillator.eq(getattr(self.oscillators, polarity)[k]),
                        counter.gate.eq(self.gate[bank]),
                        counter.clear.eq(clear[bank]),
                        value[polarity][k].eq(counter.count),
                    ]

        m.d.comb += [
            self.o.payload.eq(Array(counts)[self.due_bank]),
            self.o.valid.eq(self.due & (waited == readout.settle_clocks - 1)),
        ]
        m.d.sync += clear.eq(0)
        with m.If(self.o.valid):
            with m.If(self.o.ready):
                m.d.sync += [waited.eq(0), clear.bit_select(self.due_bank, 1).eq(1)]
        with m.Elif(self.due):
            m.d.sync += waited.eq(waited + 1)
        return m
