"""The drift engine: measures, estimates, rewrites the idle bank and asks for the exchange."""

from amaranth.hdl import Array, Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from golden.array.modes import READ_MODES, read_mode
from golden.config import VECTOR_BITS
from golden.drift.divide import Refusal
from golden.drift.engine import METHODS
from hw.drift.estimator import Estimator
from hw.drift.rewriter import Rewriter
from hw.formats.q import Q
from hw.nmpu.coefficients import RewriteBus
from hw.nmpu.tally import TallyBus

__all__ = ["DriftEngine", "calibration"]


def calibration(config):
    """The fields of register CALIBRATION that a measurement is made with.

    ``now`` and ``slot`` name the sums: 0 is what they are compared with.
    """
    return data.StructLayout({
        "slot": 1,
        "now": 1,
        "absolute": 1,
        "repeats": range(config.drift.max_repeats + 1),
    })


class DriftEngine(wiring.Component):
    """``golden.drift.engine.DriftEngine`` with its clocks.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    measure, update, abort : In(1)
        Commands, for one clock; the first two are ignored while busy. An abort ends a measurement
        with its sums invalid, and does nothing to an update.
    flush : In(1)
        Calibration vectors under way are lost: as an abort, and at once.
    calibration : In(calibration(config))
    method : In(2)
        A place in `golden.drift.engine.METHODS`.
    minimum : In(32)
    begins : In(1)
        A calibration vector is loaded.
    read_mode, input_bits : In
        Of the first one in that clock.
    start, stop : Out(1)
        Ask the sequencer for calibration vectors; give them up.
    waits : In(1)
        They have not begun.
    tallied : In(1)
        The last of them has been added.
    saturated : In(1)
        A counter of one of them stands at full scale.
    slot : Out(2)
        Of the tally.
    sums : Out(TallyBus(config))
    coefficients : Out(RewriteBus(config))
    bank, swap_pending : In(1)
    host_writes : In(1)
        The host writes a coefficient: its bank has no exponent any more.
    exponents : Out(2)
    swap : Out(1)
        Ask for the bank exchange.
    busy, rewriting : Out(1)
        Something is under way; the coefficients are being rewritten.
    measured, updated, refused : Out(1)
        What has just ended.
    refusal : Out(3)
        Of the last update.
    gain : Out(Q(config.drift.gain))
        Of the tile in the last estimate.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "measure": In(1), "update": In(1), "abort": In(1), "flush": In(1),
            "calibration": In(calibration(config)),
            "method": In(2), "minimum": In(32), "read_mode": In(2), "input_bits": In(4),
            "start": Out(1), "stop": Out(1), "waits": In(1), "begins": In(1), "tallied": In(1),
            "saturated": In(1), "slot": Out(2),
            "sums": Out(TallyBus(config)), "coefficients": Out(RewriteBus(config)),
            "bank": In(1), "swap_pending": In(1), "host_writes": In(1),
            "exponents": Out(2), "swap": Out(1),
            "busy": Out(1), "rewriting": Out(1),
            "measured": Out(1), "updated": Out(1), "refused": Out(1),
            "refusal": Out(3), "gain": Out(Q(config.drift.gain)),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        m.submodules.estimator = estimator = Estimator(config)
        m.submodules.rewriter = rewriter = Rewriter(config)
        wiring.connect(m, estimator.sums, wiring.flipped(self.sums))
        wiring.connect(m, rewriter.coefficients, wiring.flipped(self.coefficients))

        # What is known of the sums in each slot of the tally.
        record = data.StructLayout({
            "absolute": 1, "repeats": range(config.drift.max_repeats + 1), "weight": 8})
        kept = Array(Signal(record, name=f"kept_{k}") for k in range(4))
        valid = Signal(4)
        saturated = Signal(4)
        weight = Signal(8)
        with m.Switch(Cat(self.input_bits, self.read_mode)):
            for name in config.drive.read_modes:
                for bits in (b for b in VECTOR_BITS if b <= config.drive.input_bits):
                    with m.Case(bits | READ_MODES.index(name) << 4):
                        m.d.comb += weight.eq(read_mode(name, input_bits=bits).weight)

        fitting = self.method == METHODS.index("fit")
        needed = Mux(fitting, 0b1111, 0b0101)
        alike = Cat((kept[k] == kept[0]) | ~needed[k] for k in range(4)).all()
        reads = Signal(range(config.drift.max_repeats * 256))
        m.d.comb += reads.eq(kept[0].repeats * kept[0].weight)
        power = (reads & (reads - 1)) == 0
        usable = (((valid & needed) == needed) & alike
                  & Mux(fitting, ~kept[0].absolute & power, kept[0].absolute))
        for k in range(len(reads)):
            with m.If(reads[k]):
                m.d.comb += estimator.reads_log2.eq(k)

        aborted = Signal()
        begun = Signal()
        forgotten = Signal()  # by the sequencer, which forgets what is asked for in a flush
        m.d.comb += [
            self.slot.eq(Cat(self.calibration.slot, self.calibration.now)),
            estimator.method.eq(self.method),
            estimator.minimum.eq(self.minimum),
            estimator.column.eq(rewriter.column),
            rewriter.gain.eq(estimator.gain),
            rewriter.beta.eq(estimator.beta),
            self.gain.eq(estimator.tile_gain),
        ]

        def refuse(reason):
            m.d.comb += self.refused.eq(1)
            m.d.sync += self.refusal.eq(reason)
            m.next = "IDLE"

        with m.FSM() as fsm:
            with m.State("IDLE"):
                with m.If(self.measure):
                    m.d.comb += self.start.eq(1)
                    m.d.sync += [
                        valid.bit_select(self.slot, 1).eq(0),
                        saturated.bit_select(self.slot, 1).eq(0),
                        aborted.eq(0),
                        begun.eq(0),
                        forgotten.eq(self.flush),
                    ]
                    m.next = "MEASURE"
                with m.Elif(self.update):
                    m.next = "CHECK"
            with m.State("MEASURE"):
                with m.If(self.begins & ~begun):
                    m.d.sync += [begun.eq(1), kept[self.slot].weight.eq(weight)]
                with m.If(self.saturated):
                    m.d.sync += saturated.bit_select(self.slot, 1).eq(1)
                with m.If(self.abort):
                    m.d.comb += self.stop.eq(1)
                    m.d.sync += aborted.eq(1)
                with m.If(self.tallied | (self.abort & self.waits) | self.flush | forgotten):
                    m.d.comb += self.measured.eq(1)
                    m.d.sync += [
                        valid.bit_select(self.slot, 1).eq(
                            self.tallied & ~aborted & ~self.abort & ~self.flush & ~forgotten),
                        kept[self.slot].absolute.eq(self.calibration.absolute),
                        kept[self.slot].repeats.eq(self.calibration.repeats),
                    ]
                    m.next = "IDLE"
            with m.State("CHECK"):
                m.d.comb += estimator.start.eq(1)
                m.next = "ESTIMATE"
                with m.If(~usable):
                    m.d.comb += estimator.start.eq(0)
                    refuse(Refusal.NO_REFERENCE)
                with m.Elif((saturated & needed).any()):
                    m.d.comb += estimator.start.eq(0)
                    refuse(Refusal.SATURATED)
            with m.State("ESTIMATE"):
                with m.If(estimator.done):
                    m.next = "FREE_BANK"
                    with m.If(estimator.refusal != Refusal.NONE):
                        refuse(estimator.refusal)
            with m.State("FREE_BANK"):
                # A pending exchange means that reads still use the bank to be written.
                with m.If(~self.swap_pending):
                    m.d.comb += rewriter.start.eq(1)
                    m.next = "REWRITE"
            with m.State("REWRITE"):
                with m.If(rewriter.done):
                    with m.If(rewriter.fits):
                        m.d.comb += [self.updated.eq(1), self.swap.eq(1)]
                        m.d.sync += [
                            self.refusal.eq(Refusal.NONE),
                            self.exponents.bit_select(~self.bank, 1).eq(rewriter.exponent),
                        ]
                        m.next = "IDLE"
                    with m.Else():
                        refuse(Refusal.COEFFICIENT)
        m.d.comb += [
            self.busy.eq(~fsm.ongoing("IDLE")),
            self.rewriting.eq(fsm.ongoing("REWRITE") | fsm.ongoing("FREE_BANK")),
        ]
        with m.If(self.host_writes):
            m.d.sync += self.exponents.bit_select(~self.bank, 1).eq(0)
        return m
