"""Runs chains of descriptors: vector by vector, and one command after the other."""

from amaranth.hdl import Module, Mux, ResetInserter, Signal
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.wiring import In, Out

from golden.descriptors import BANKS, KINDS
from hw.control.chain_checker import REFUSAL_BITS, ChainChecker
from hw.control.descriptor_table import INDEX_BITS, descriptor
from hw.control.settings import vector
from hw.readout.payloads import group_range

__all__ = ["COMMANDS", "LOOP_BITS", "Dispatcher", "program_job"]

COMMANDS = KINDS[1:]
LOOP_BITS = 32


def program_job(config):
    """The cells to program."""
    return data.StructLayout({
        **{name: vector(config)[name].shape for name in ("first_beat", "rows")},
        "first_group": group_range(config), "last_group": group_range(config)})


class State(enum.Enum):
    IDLE = 0
    CHECK = 1
    WALK = 2
    COMMAND = 3
    DRAIN = 4


class Dispatcher(wiring.Component):
    """Has a chain checked, then offers its vectors and gives its commands, in order.

    The vectors of a job are offered without a clock between them; between two jobs there is one
    clock without. A command waits until the tile is idle, and the chain goes on when it is done;
    one for statistics is not waited for. A chain of n descriptors offers its first vector n + 5
    clocks after ``start``.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    start : In(1)
        Ignored while ``running``.
    first, last : In(8)
    loops : In(32)
        How often the chain is run; 0: until ``flush``. All three are taken with ``start``.
    unlocked : In(1)
        Arrays can be programmed.
    flush : In(1)
        Forget the chain, in this clock.
    index : Out(8)
    descriptor : In(descriptor())
    parity_error : In(1)
        To and from the table.
    vectors : Out(stream.Signature(vector(config)))
    idle : In(1)
        Nothing is left in the tile; 0 from the clock after a vector was taken.
    measure, calibrate, correct, statistics, program : Out(1)
        Commands, in one clock.
    program_job : Out(program_job(config))
        From the command on, until it is done.
    command_done : In(1)
        After the clock of the command; ignored if none is under way.
    command_job_done : Out(1)
        A job that is a command is complete.
    command_interrupt : Out(1)
        It wanted an interrupt.
    running : Out(1)
        From the clock after ``start`` to that of ``chain_done``, or to the clock before
        ``refused``.
    current : Out(8)
        The descriptor being run, or the last one.
    chain_first, chain_last : Out(8)
        The chain that runs.
    chain_done : Out(1)
        All of it has left the tile; in one clock.
    refused : Out(1)
        The chain does not start; in one clock.
    refusal : Out(5)
    at : Out(8)
        Why, and which descriptor is to blame; until the next chain is checked.
    parity_fault : Out(1)
        The descriptor to be run has lost its parity since it was checked; the chain stands still.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "start": In(1), "first": In(INDEX_BITS), "last": In(INDEX_BITS),
            "loops": In(LOOP_BITS), "unlocked": In(1), "flush": In(1),
            "index": Out(INDEX_BITS),
            "descriptor": In(descriptor()), "parity_error": In(1),
            "vectors": Out(stream.Signature(vector(config))),
            "idle": In(1),
            **{name: Out(1) for name in COMMANDS},
            "program_job": Out(program_job(config)),
            "command_done": In(1), "command_job_done": Out(1), "command_interrupt": Out(1),
            "running": Out(1), "current": Out(INDEX_BITS),
            "chain_first": Out(INDEX_BITS), "chain_last": Out(INDEX_BITS),
            "chain_done": Out(1),
            "refused": Out(1), "refusal": Out(REFUSAL_BITS), "at": Out(INDEX_BITS),
            "parity_fault": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        d = self.descriptor
        checker = ChainChecker(self._config)
        m.submodules.checker = ResetInserter(self.flush)(checker)
        state = Signal(State)
        fetched = Signal()  # the table shows what it was asked for
        left = Signal(LOOP_BITS)
        read = Signal(d.reads.shape())
        result = Signal(d.repeat.shape())
        last_read = Signal()
        last_result = Signal()
        walking = Signal()
        multiply = Signal()
        job_over = Signal()

        m.d.comb += [
            checker.start.eq(self.start & (state == State.IDLE)),
            checker.first.eq(self.first),
            checker.last.eq(Mux(state == State.IDLE, self.last, self.chain_last)),
            checker.unlocked.eq(self.unlocked),
            checker.descriptor.eq(d),
            checker.parity_error.eq(self.parity_error),
            self.index.eq(Mux(state == State.CHECK, checker.index, self.current)),
            self.running.eq(state != State.IDLE),
            self.parity_fault.eq((state == State.WALK) & fetched & self.parity_error),
            walking.eq((state == State.WALK) & fetched & ~self.parity_error & ~self.flush),
            multiply.eq(d.kind == KINDS.index("multiply")),
            last_read.eq(read == d.reads - 1),
            last_result.eq(result == d.repeat - 1),
            self.vectors.valid.eq(walking & multiply),
            self.command_interrupt.eq(d.interrupt),
        ]
        self._payloads(m, result=result, last_result=last_result)

        m.d.sync += [fetched.eq(1), self.refused.eq(0)]
        with m.If(self.flush):
            m.d.sync += state.eq(State.IDLE)
        with m.Else():
            with m.Switch(state):
                with m.Case(State.IDLE):
                    with m.If(self.start):
                        m.d.sync += [
                            state.eq(State.CHECK), left.eq(self.loops), self.current.eq(self.first),
                            self.chain_first.eq(self.first), self.chain_last.eq(self.last),
                        ]
                with m.Case(State.CHECK):
                    with m.If(checker.done):
                        refused = checker.refusal != 0
                        m.d.sync += [
                            self.refused.eq(refused), self.refusal.eq(checker.refusal),
                            self.at.eq(checker.at), fetched.eq(0),
                            state.eq(Mux(refused, State.IDLE, State.WALK)),
                        ]
                with m.Case(State.WALK):
                    with m.If(walking & ~multiply & self.idle):
                        m.d.comb += [getattr(self, name).eq(d.kind == KINDS.index(name))
                                     for name in COMMANDS]
                        m.d.sync += state.eq(State.COMMAND)
                        with m.If(self.statistics):
                            m.d.comb += [self.command_job_done.eq(1), job_over.eq(1)]
                    with m.If(self.vectors.valid & self.vectors.ready):
                        m.d.sync += read.eq(Mux(last_read, 0, read + 1))
                        with m.If(last_read):
                            m.d.sync += result.eq(result + 1)
                            m.d.comb += job_over.eq(last_result)
                with m.Case(State.COMMAND):
                    with m.If(self.command_done):
                        m.d.comb += [self.command_job_done.eq(1), job_over.eq(1)]
                with m.Case(State.DRAIN):
                    with m.If(self.idle):
                        m.d.comb += self.chain_done.eq(1)
                        m.d.sync += state.eq(State.IDLE)

        # Between two jobs, so that the carry needs not wait for the end of one.
        with m.If(~fetched):
            m.d.sync += [read.eq(0), result.eq(0)]
        with m.If(job_over):
            m.d.sync += [fetched.eq(0), state.eq(State.WALK)]
            with m.If(self.current != self.chain_last):
                m.d.sync += self.current.eq(self.current + 1)
            with m.Elif(left == 1):
                m.d.sync += state.eq(State.DRAIN)
            with m.Else():
                m.d.sync += self.current.eq(self.chain_first)
                with m.If(left != 0):
                    m.d.sync += left.eq(left - 1)
        return m

    def _payloads(self, m, *, result, last_result):
        """What the descriptor at hand says, as the vectors and the programmer want it."""
        d, payload = self.descriptor, self.vectors.payload
        told, bank = payload.job, d.bank
        first_row = d.first_beat * (self._config.stream.x_bits // 8)
        m.d.comb += [
            payload.source.eq(d.source),
            payload.first_beat.eq(d.first_beat),
            payload.rows.eq(d.rows),
            payload.row.eq(first_row + result),
            *(told.settings[name].eq(d[name]) for name in told.settings.shape().members),
            *(told[name].eq(d[name]) for name in ("first_group", "last_group", "resume", "sums",
                                                  "destination", "interrupt")),
            told.pinned.eq(bank != BANKS.index(None)),
            told.bank.eq(bank == BANKS.index(1)),
            told.final.eq(last_result),
            *(self.program_job[name].eq(d[name]) for name in self.program_job.shape().members),
        ]
