"""Looks at every descriptor of a chain before it starts."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from golden.array.modes import READ_MODES, read_mode
from golden.chain_checker import DRIFT_KINDS
from golden.config import VECTOR_BITS
from golden.descriptors import BANKS, DESTINATIONS, KINDS, SOURCES
from golden.formats import NmpuFormats
from golden.refusals import Refusal
from hw.control.descriptor_table import INDEX_BITS, descriptor
from hw.readout.payloads import group_range

__all__ = ["REFUSAL_BITS", "ChainChecker"]

REFUSAL_BITS = 5


class ChainChecker(wiring.Component):
    """Finds what `golden.chain_checker.check_chain` finds, a descriptor per clock.

    A descriptor is looked at by itself in the clock in which the table shows it, and beside the
    others in the next. A chain of n descriptors takes n + 3 clocks from ``start`` to ``done``.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    start : In(1)
        Ignored while a chain is looked at.
    first : In(8)
    last : In(8)
    unlocked : In(1)
        The last two are steady from ``start`` to ``done``.
    index : Out(8)
    descriptor : In(descriptor())
    parity_error : In(1)
        To and from the table.
    done : Out(1)
        In one clock; ``refusal`` and ``at`` are what was found, until the next ``start``.
    refusal : Out(5)
        Number of a `golden.chain_checker.Refusal`.
    at : Out(8)
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "start": In(1), "first": In(INDEX_BITS), "last": In(INDEX_BITS), "unlocked": In(1),
            "index": Out(INDEX_BITS),
            "descriptor": In(descriptor()), "parity_error": In(1),
            "done": Out(1), "refusal": Out(REFUSAL_BITS), "at": Out(INDEX_BITS),
        })

    def elaborate(self, platform):
        m = Module()
        alone = Signal(self._facts())
        beside = Signal(self._facts())
        faults = Signal(len(Refusal))
        found = Signal(len(Refusal))
        found_index = Signal(INDEX_BITS)
        starting = Signal()
        asked = Signal()
        shown = Signal()
        known = Signal()
        shown_index = Signal(INDEX_BITS)
        known_index = Signal(INDEX_BITS)
        final = Signal()
        m.d.comb += [
            starting.eq(self.start & ~asked & ~shown & ~known),
            final.eq(known_index == self.last),
        ]
        self._alone(m, alone)
        self._beside(m, beside, faults, starting=starting, known=known, final=final)

        m.d.sync += [
            self.done.eq(0),
            shown.eq(asked), shown_index.eq(self.index),
            known.eq(shown), known_index.eq(shown_index), beside.eq(alone),
        ]
        with m.If(asked):
            m.d.sync += self.index.eq(self.index + 1)
            with m.If(self.index == self.last):
                m.d.sync += asked.eq(0)
        # What was found is put in words in the clocks after: nothing is looked at any more then.
        with m.If(known):
            m.d.sync += [found.eq(faults), found_index.eq(known_index)]
            with m.If(final | faults.any()):
                m.d.sync += [asked.eq(0), shown.eq(0), known.eq(0), self.done.eq(1)]
        with m.If(starting):
            m.d.sync += [found.eq(0), found_index.eq(self.first)]
            with m.If((self.first > self.last)
                      | (self.last >= self._config.control.descriptors)):
                m.d.sync += [self.done.eq(1), found[Refusal.RANGE].eq(1)]
            with m.Else():
                m.d.sync += [self.index.eq(self.first), asked.eq(1)]
        # The first in this order is the last to be assigned.
        for refusal in reversed(Refusal):
            with m.If(found[refusal]):
                m.d.comb += [self.refusal.eq(refusal), self.at.eq(found_index)]
        return m

    def _facts(self):
        """What the other descriptors have to do with one."""
        config = self._config
        vectors = range(config.control.activations + 1)
        return data.StructLayout({
            "faults": len(Refusal),
            "multiply": 1, "resume": 1, "sums": 1, "leaves": 1,
            "bank": 2, "first_group": group_range(config), "last_group": group_range(config),
            "weight": range(2 * 127 * config.nmpu.max_reads),
            "takes": range(max(2 * config.control.activations * config.nmpu.max_reads, 1) * 2),
            "gives": vectors,
        })

    def _alone(self, m, facts):
        """What is wrong with a descriptor whatever the others are, and what they must know."""
        config, d = self._config, self.descriptor
        nmpu, activations = config.nmpu, config.control.activations
        multiply = d.kind == KINDS.index("multiply")
        program = d.kind == KINDS.index("program")
        from_buffer = multiply & (d.source == SOURCES.index("activations"))
        to_buffer = multiply & (d.destination == DESTINATIONS.index("activations"))
        leaves = multiply & (d.destination == DESTINATIONS.index("none"))
        from_rows = d.source == SOURCES.index("rows")
        built = [name for name in KINDS if not (
            (name in DRIFT_KINDS and not config.drift.engine)
            or (name == "program" and not config.program.engine))]
        reads = d.reads[:nmpu.max_reads.bit_length()]
        few = d.repeat[:max(activations.bit_length(), 1)]

        one_vector = Signal(range(128))
        legal_bits = Signal()
        legal_mode = Signal()
        m.d.comb += [
            legal_mode.eq(Cat(d.read_mode == READ_MODES.index(name)
                              for name in config.drive.read_modes).any()),
            legal_bits.eq(Cat(d.input_bits == bits for bits in VECTOR_BITS
                              if bits <= config.drive.input_bits).any()),
        ]
        with m.Switch(Cat(d.input_bits, d.read_mode)):
            for name in config.drive.read_modes:
                for bits in VECTOR_BITS:
                    with m.Case(bits | READ_MODES.index(name) << 4):
                        m.d.comb += one_vector.eq(read_mode(name, input_bits=bits).weight)

        end = d.first_beat * (config.stream.x_bits // 8) + d.rows
        rows = (d.rows == 0) | (end > config.array.rows)
        columns = (d.first_group > d.last_group) | (d.last_group >= config.groups)
        of_multiply = {
            Refusal.SOURCE: (d.source >= len(SOURCES)) | (from_buffer & (activations == 0)),
            Refusal.DESTINATION: (to_buffer & (activations == 0)) | (
                (d.destination == DESTINATIONS.index("sums")) & (not nmpu.partial_sums)),
            Refusal.SUMS: d.sums & (d.resume | (not nmpu.partial_sums)),
            Refusal.BANK: d.bank >= len(BANKS),
            Refusal.REPEAT: (d.repeat == 0) | (from_rows & (d.repeat > d.rows)) | (
                (leaves | d.resume) & (d.repeat > 1)),
            Refusal.ROWS: rows,
            Refusal.COLUMNS: columns,
            Refusal.SHIFT: d.shift >= 1 << nmpu.shift_bits,
            Refusal.OUTPUT_BITS: ~Cat(d.output_bits == bits for bits in VECTOR_BITS
                                      if bits <= nmpu.output_bits).any(),
            Refusal.INPUT_BITS: ~legal_bits,
            Refusal.READ_MODE: ~legal_mode,
            Refusal.READS: (d.reads == 0) | (d.reads > nmpu.max_reads) | (
                from_rows & (d.reads > 1)),
            Refusal.RESIDUAL: (d.residual & (not nmpu.residual)) | (
                d.residual_shift > NmpuFormats.of(config).residual_shift),
            # More than the buffer holds, whatever else: `takes` and `gives` are cut.
            Refusal.ACTIVATIONS: (from_buffer | to_buffer) & (d.repeat > activations),
        }
        of_program = {
            Refusal.REPEAT: d.repeat != 1,
            Refusal.ROWS: rows,
            Refusal.COLUMNS: columns,
            Refusal.LOCKED: ~self.unlocked,
        }
        m.d.comb += [
            facts.faults[Refusal.PARITY].eq(self.parity_error),
            facts.faults[Refusal.KIND].eq(
                ~Cat(d.kind == KINDS.index(name) for name in built).any()),
            facts.multiply.eq(multiply),
            facts.resume.eq(d.resume),
            facts.sums.eq(d.sums),
            facts.leaves.eq(leaves),
            facts.bank.eq(d.bank),
            facts.first_group.eq(d.first_group),
            facts.last_group.eq(d.last_group),
            facts.weight.eq(reads * one_vector),
            facts.takes.eq(Mux(from_buffer, reads * few, 0)),
            facts.gives.eq(Mux(to_buffer, few, 0)),
        ]
        for kind, found in ((multiply, of_multiply), (program, of_program)):
            with m.If(kind):
                m.d.comb += [facts.faults[refusal].eq(fault) for refusal, fault in found.items()]

    def _beside(self, m, facts, faults, *, starting, known, final):
        """What is wrong with it after the others."""
        config = self._config
        most, activations = config.nmpu.max_reads, config.control.activations
        left = Signal()
        sums = Signal()
        bank, first_group, last_group = (
            Signal.like(facts[name], name=f"left_{name}")
            for name in ("bank", "first_group", "last_group"))
        weight = Signal(range(most + 1))
        held = Signal(range(activations + 1))

        goes_on = Signal()
        with_sums = Signal()
        total = Signal(range(2 * 128 * most))
        filled = Signal(range(2 * activations + 1))
        short = held < facts.takes
        m.d.comb += [
            goes_on.eq(left & facts.resume),
            with_sums.eq(Mux(goes_on, sums, facts.sums)),
            total.eq(facts.weight + Mux(goes_on, weight, 0)),
            filled.eq(held - facts.takes + facts.gives),
            faults.eq(facts.faults),
        ]
        beside = {
            Refusal.DESTINATION: facts.leaves & final,
            Refusal.RESUME: left ^ facts.resume,
            Refusal.BANK: goes_on & (bank != facts.bank),
            Refusal.COLUMNS: goes_on & ((first_group != facts.first_group)
                                        | (last_group != facts.last_group)),
            Refusal.READS: total > Mux(with_sums, most // 2, most),
            Refusal.ACTIVATIONS: short | (filled > activations),
        }
        with m.If(facts.multiply):
            for refusal, fault in beside.items():
                with m.If(fault):
                    m.d.comb += faults[refusal].eq(1)
        with m.Elif(left):
            m.d.comb += faults[Refusal.RESUME].eq(1)
        with m.If(final & (filled != 0)):
            m.d.comb += faults[Refusal.ACTIVATIONS].eq(1)

        with m.If(starting):
            m.d.sync += [left.eq(0), held.eq(0)]
        with m.Elif(known):
            m.d.sync += [
                left.eq(facts.leaves), sums.eq(with_sums), weight.eq(total), held.eq(filled),
                bank.eq(facts.bank), first_group.eq(facts.first_group),
                last_group.eq(facts.last_group),
            ]
