"""From windows to groups of counts: front end, capture, and what watches them."""

from amaranth.hdl import Module, Mux, ResetInserter, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.control.register_bus import RegisterBus
from hw.readout.banks import Banks
from hw.readout.capture import Capture
from hw.readout.count_front_end import CountFrontEnd
from hw.readout.count_sums import CountSums, sum_shape
from hw.readout.oscillator_front_end import OscillatorFrontEnd, OscillatorPins
from hw.readout.payloads import count_pairs, group_of_counts, tag
from hw.readout.probe import Probe
from hw.readout.saturation import Saturation

__all__ = ["Readout", "converter_member"]


def converter_member(config):
    """Name and member of the port that the front end of ``config`` has for the macro."""
    if config.readout.front_end == "count":
        return {"counts": In(stream.Signature(count_pairs(config, config.counters)))}
    return {"oscillators": In(OscillatorPins(config))}


class Readout(wiring.Component):
    """Counts of every window, group by group: those of vectors to the NMPU, others to the sums.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    counts : In(stream.Signature(count_pairs(config, counters)))
        With front end ``count``: see `CountFrontEnd`.
    oscillators : In(OscillatorPins(config))
        With front end ``oscillator``: see `OscillatorFrontEnd`.
    active, open, close, tag, free, gate : In, Out
        See `Banks`.
    o : Out(stream.Signature(group_of_counts(config)))
    captured : Out(1)
        The counts of a window are captured.
    full, calibration_full : Out(1)
        One of them stands at full scale; and they are those of a calibration vector.
    measured : Out(1)
        The sums of a measurement are complete; one clock.
    negative, difference, inspect, column, sum : In, Out
        See `CountSums`.
    waits : Out(1)
        Counts are due, and the macro does not hand them over.
    flush : In(1)
        Forget every window; flags and sums stay.
    probe_column, probe_clear, probe_p, probe_n : In, Out
        See `Probe`.
    window_clocks : Out(16)
        Clocks that the gate of the last window was open.
    saturated, sums : In(RegisterBus())
        See `Saturation` and `CountSums`.
    uses_bank : Out(2)
        Bit ``b``: a read in here needs coefficient bank ``b``.
    busy : Out(1)
        A read is in here.
    """

    def __init__(self, config):
        self._config = config
        bits = config.readout.counter_bits
        super().__init__({
            **converter_member(config),
            "active": In(1), "open": In(1), "close": In(1), "tag": In(tag(config)),
            "free": Out(1), "gate": Out(config.readout.counter_banks),
            "o": Out(stream.Signature(group_of_counts(config))),
            "captured": Out(1), "full": Out(1), "calibration_full": Out(1),
            "measured": Out(1), "negative": In(1), "difference": In(1),
            "inspect": In(1), "column": In(range(config.array.columns)),
            "sum": Out(sum_shape(config)),
            "waits": Out(1), "flush": In(1),
            "probe_column": In(range(config.array.columns)), "probe_clear": In(1),
            "probe_p": Out(bits), "probe_n": Out(bits),
            "window_clocks": Out(16),
            "saturated": In(RegisterBus()), "sums": In(RegisterBus()),
            "uses_bank": Out(2), "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        flushed = ResetInserter(self.flush)
        banks, capture = Banks(config), Capture(config)
        m.submodules.banks = flushed(banks)
        front_end = self._front_end(m, banks)
        m.submodules.front_end = flushed(front_end)
        m.submodules.capture = flushed(capture)
        m.submodules.saturation = saturation = Saturation(config)
        m.submodules.probe = probe = Probe(config)
        m.submodules.sums = sums = CountSums(config)
        wiring.connect(m, wiring.flipped(self.saturated), saturation.bus)
        wiring.connect(m, wiring.flipped(self.sums), sums.bus)

        m.d.comb += [
            banks.active.eq(self.active),
            banks.open.eq(self.open),
            banks.close.eq(self.close),
            banks.tag.eq(self.tag),
            self.free.eq(banks.free),
            self.gate.eq(banks.gate),
            front_end.due.eq(banks.due),

            capture.i.valid.eq(front_end.o.valid),
            capture.i.payload.counts.eq(front_end.o.payload),
            capture.i.payload.tag.eq(banks.due_tag),
            front_end.o.ready.eq(capture.i.ready),
            self.captured.eq(capture.i.valid & capture.i.ready),
            banks.captured.eq(self.captured),

            saturation.full.eq(capture.full),
            saturation.block.eq(banks.due_tag.block),
            self.full.eq(saturation.any_full),
            self.calibration_full.eq(saturation.any_full & banks.due_tag.calibrate),
        ]

        measured = capture.o.payload.tag.measure
        m.d.comb += [
            self.o.payload.eq(capture.o.payload),
            self.o.valid.eq(capture.o.valid & ~measured),
            sums.i.payload.eq(capture.o.payload),
            sums.i.valid.eq(capture.o.valid & measured),
            capture.o.ready.eq(Mux(measured, sums.i.ready, self.o.ready)),
            *(getattr(sums, name).eq(getattr(self, name))
              for name in ("negative", "difference", "inspect", "column")),
            self.sum.eq(sums.sum),
            self.measured.eq(sums.done),
            self.waits.eq(banks.due & ~front_end.o.valid),

            probe.group.eq(capture.o.payload),
            probe.passes.eq(capture.o.valid & capture.o.ready),
            probe.column.eq(self.probe_column),
            probe.clear.eq(self.probe_clear),
            self.probe_p.eq(probe.p),
            self.probe_n.eq(probe.n),

            self.uses_bank.eq(banks.uses_bank | capture.uses_bank),
            # Nothing that measures may begin before the measurement before it has told of its end.
            self.busy.eq(banks.busy | capture.busy | sums.busy),
        ]
        self._measure_window(m)
        return m

    def _front_end(self, m, banks):
        if self._config.readout.front_end == "count":
            front_end = CountFrontEnd(self._config)
            wiring.connect(m, wiring.flipped(self.counts), front_end.counts)
            return front_end
        front_end = OscillatorFrontEnd(self._config)
        wiring.connect(m, wiring.flipped(self.oscillators), front_end.oscillators)
        m.d.comb += [front_end.gate.eq(banks.gate), front_end.due_bank.eq(banks.due_bank)]
        return front_end

    def _measure_window(self, m):
        """Windows are shorter than 256 clocks, so the count does not wrap."""
        before = Signal.like(self.gate)
        clocks = Signal(16)
        m.d.sync += before.eq(self.gate)
        with m.If(self.gate != before):
            m.d.sync += clocks.eq(1)
            with m.If(before.any()):
                m.d.sync += self.window_clocks.eq(clocks)
        with m.Elif(self.gate.any()):
            m.d.sync += clocks.eq(clocks + 1)
