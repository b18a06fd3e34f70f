"""Base coefficients times gains, into the bank that is not in use."""

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.drift.formats import DriftFormats
from hw.formats.q import Q
from hw.nmpu.coefficients import RewriteBus

__all__ = ["Rewriter"]

AFFINE = ("scale_p", "scale_n", "offset_p", "offset_n")


class Rewriter(wiring.Component):
    """``golden.drift.rewrite.rewrite``: a column per clock, twice over all columns.

    The first pass finds the smallest exponent with which every coefficient fits, the second
    writes. Nothing is written if none does. Latency is ``2 * (columns + 3)`` clocks.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    start : In(1)
    column : Out(range(columns))
        Whose gain and beta are wanted in the next clock.
    gain : In(Q(config.drift.gain))
    beta : In(Q(config.nmpu.offset))
    coefficients : Out(RewriteBus(config))
    busy : Out(1)
    done : Out(1)
        In the last clock; then ``fits`` and ``exponent`` are valid.
    fits : Out(1)
        The coefficients are written.
    exponent : Out(1)
        Of the bank that was written.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "start": In(1),
            "column": Out(range(config.array.columns)),
            "gain": In(Q(config.drift.gain)),
            "beta": In(Q(config.nmpu.offset)),
            "coefficients": Out(RewriteBus(config)),
            "busy": Out(1), "done": Out(1), "fits": Out(1), "exponent": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        formats, frac = DriftFormats.of(config), config.drift.gain.frac_bits
        last = config.array.columns - 1
        bus = self.coefficients
        reading = Signal()
        writing = Signal()
        fetched = Signal()
        multiplied = Signal()
        column_fetched = Signal.like(self.column)
        column_multiplied = Signal.like(self.column)
        fit = Signal(2)

        # A column is addressed, fetched a clock later, multiplied another clock later.
        m.d.sync += [
            fetched.eq(reading),
            column_fetched.eq(self.column),
            multiplied.eq(fetched),
            column_multiplied.eq(column_fetched),
        ]
        with m.If(reading):
            m.d.sync += self.column.eq(self.column + 1)
            with m.If(self.column == last):
                m.d.sync += [self.column.eq(0), reading.eq(0)]

        beta = self.beta.raw << frac
        for name in AFFINE:
            fmt = getattr(config.nmpu, name[:-2])
            interval = formats.scaled if name.startswith("scale") else formats.shifted
            product = Signal(signed(interval.fmt.width), name=f"product_{name}")
            value = bus.base[name].raw * self.gain.raw
            m.d.sync += product.eq(value + beta if name == "offset_p" else value)
            chosen = Signal(signed(interval.fmt.width), name=f"rounded_{name}")
            for exponent in (0, 1):
                shift = frac + exponent
                rounded = (product + (1 << (shift - 1))) >> shift
                with m.If(multiplied & ~((rounded >= fmt.min) & (rounded <= fmt.max))):
                    m.d.sync += fit[exponent].eq(0)
                with m.If(self.exponent == exponent):
                    m.d.comb += chosen.eq(rounded)
            m.d.comb += bus.data[name].as_value().eq(chosen[:fmt.width])
        for name in ("norm_scale", "norm_bias"):
            kept = Signal.like(bus.base[name].as_value(), name=f"kept_{name}")
            m.d.sync += kept.eq(bus.base[name].as_value())
            m.d.comb += bus.data[name].as_value().eq(kept)

        m.d.comb += [
            bus.active.eq(self.busy),
            bus.column.eq(self.column),
            bus.write.eq(multiplied & writing),
            bus.write_column.eq(column_multiplied),
            self.fits.eq(fit.any()),
        ]
        over = multiplied & (column_multiplied == last)
        with m.FSM() as fsm:
            with m.State("IDLE"):
                with m.If(self.start):
                    m.d.sync += [reading.eq(1), fit.eq(0b11), writing.eq(0)]
                    m.next = "TRY"
            with m.State("TRY"):
                with m.If(over):
                    m.next = "CHOOSE"
            with m.State("CHOOSE"):
                m.d.sync += [self.exponent.eq(~fit[0]), writing.eq(1)]
                m.next = "WRITE"
                with m.If(self.fits):
                    m.d.sync += reading.eq(1)
                with m.Else():
                    m.next = "DONE"
            with m.State("WRITE"):
                with m.If(over):
                    m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.d.sync += writing.eq(0)
                m.next = "IDLE"
        m.d.comb += self.busy.eq(~fsm.ongoing("IDLE"))
        return m
