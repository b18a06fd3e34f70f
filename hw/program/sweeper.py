"""One pass over the columns of a row: what each cell needs, gathered for the write heads."""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from golden.program.formats import ProgramFormats
from golden.program.settings import CURRENT_BITS
from hw.program.payloads import Kind, ProgramSums, pulse, settings
from hw.program.verdict import Verdict

__all__ = ["Step", "Sweeper"]


class Step(enum.Enum, shape=3):
    """What a pass is for."""

    RESET = 0
    """Every cell, the device and the side that are told."""
    SET = 1
    """Cells with a target, the device that is told, on the side of the target."""
    COMPARE = 2
    """No pulse: the error with the first of two devices is kept."""
    CHOOSE = 3
    """With that of the second device chosen, and the other one RESET where said."""
    LOOP = 4
    """A verdict, and a pulse for those who are not good yet."""


class Sweeper(wiring.Component):
    """Keeps target, current and state of each cell of a row, and makes pulses of them.

    Columns come one per clock, group by group of ``heads`` columns; the next group is worked out
    while the pulse of the one before lasts. A group takes ``heads + 5`` clocks, or as long as that
    pulse.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    locate : In(1)
        Find the group of the ``first`` column, one group per clock.
    start : In(1)
        Begin a pass.
    step : In(Step)
        Steady to the end of the pass, like the next four.
    device, negative : In(1)
        For RESET and SET.
    last_round : In(1)
        Cells that are not good have failed.
    row : In(range(rows))
    settings : In(settings())
    first, last : In(range(columns))
        Columns of the range; steady.
    write : In(1)
        A new cell, between passes.
    column : In(range(columns))
    target : In(signed)
    sums : Out(ProgramSums(config))
    o : Out(stream.Signature(pulse(config)))
        Of each group in turn, with nobody to fire too.
    busy : Out(1)
        ``o`` has not given the last group.
    converged, failed, pulsed : Out(1)
        A cell is good, or has failed, for the first time; has a pulse of the loop in ``o``.
    """

    def __init__(self, config):
        self._config = config
        columns = range(config.array.columns)
        super().__init__({
            "locate": In(1), "start": In(1), "step": In(Step), "device": In(1),
            "negative": In(1), "last_round": In(1), "row": In(range(config.array.rows)),
            "settings": In(settings()), "first": In(columns), "last": In(columns),
            "write": In(1), "column": In(columns),
            "target": In(signed(ProgramFormats.of(config).target.fmt.width)),
            "sums": Out(ProgramSums(config)),
            "o": Out(stream.Signature(pulse(config))),
            "busy": Out(1), "converged": Out(1), "failed": Out(1), "pulsed": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config, formats = self._config, ProgramFormats.of(self._config)
        heads, pair = config.program.heads, config.program.devices == 2
        cell = data.StructLayout({
            "target": signed(formats.target.fmt.width),
            "current": CURRENT_BITS,
            "active": 1,
            **({"device": 1, "error": signed(formats.error.fmt.width)} if pair else {}),
        })
        m.submodules.cells = cells = Memory(shape=cell, depth=config.array.columns, init=[])
        m.submodules.verdict = verdict = Verdict(config)
        write, read = cells.write_port(), cells.read_port()

        # The order of the columns: `base` and `base_group` are where a pass begins.
        base = Signal(range(config.array.columns))
        column = Signal(range(config.array.columns))
        base_group = Signal.like(self.o.payload.group)
        group = Signal.like(self.o.payload.group)
        head = Signal(range(max(heads, 2)))
        issue = Signal()
        full = Signal()
        with m.FSM() as fsm:
            with m.State("IDLE"):
                m.d.sync += [column.eq(base), group.eq(base_group), head.eq(0)]
                with m.If(self.locate):
                    m.d.sync += [base.eq(0), base_group.eq(0)]
                    m.next = "LOCATE"
                with m.Elif(self.start):
                    m.next = "ISSUE"
            with m.State("LOCATE"):
                with m.If(base + heads <= self.first):
                    m.d.sync += [base.eq(base + heads), base_group.eq(base_group + 1)]
                with m.Else():
                    m.next = "IDLE"
            with m.State("ISSUE"):
                m.d.comb += issue.eq(1)
                m.d.sync += [column.eq(column + 1), head.eq(head + 1)]
                with m.If(head == heads - 1):
                    m.next = "OFFER"
            with m.State("OFFER"):
                m.d.sync += head.eq(0)
                with m.If(full & self.o.ready):
                    m.d.sync += [full.eq(0), group.eq(group + 1)]
                    m.next = "ISSUE"
                    # `column` is behind the group, or 0 behind the last one of the array.
                    with m.If((column > self.last) | (column == 0)):
                        m.next = "IDLE"
        m.d.comb += [
            self.busy.eq(~fsm.ongoing("IDLE")),
            self.sums.column.eq(column),
            read.addr.eq(column),
            read.en.eq(1),
        ]

        # A cell passes: its word and sum in the clock after its address, the verdict 3 later.
        inside = (column >= self.first) & (column <= self.last)
        passing = Signal(4)
        member = Signal(4)
        places = [column]
        words = [read.data]
        for k in range(4):
            places.append(Signal.like(column, name=f"column_{k}"))
            m.d.sync += places[-1].eq(places[-2])
        for k in range(3):
            words.append(Signal(cell, name=f"cell_{k}"))
            m.d.sync += words[-1].eq(words[-2])
        m.d.sync += [passing.eq(Cat(issue, passing)), member.eq(Cat(issue & inside, member))]
        m.d.comb += [
            verdict.target.eq(read.data.target),
            verdict.sum.eq(self.sums.sum),
            verdict.current.eq(read.data.current),
            *(getattr(verdict, name).eq(getattr(self.settings, name))
              for name in ("low", "high", "margin", "gain")),
        ]

        word, told = words[-1], self.o.payload
        own = member[-1]
        current = Signal(CURRENT_BITS)
        fire = Signal()
        device = Signal()
        negative = Signal()
        after = Signal(cell)
        m.d.comb += [after.eq(word), negative.eq(word.target < 0), device.eq(self.device)]
        changed = Signal()
        with m.Switch(self.step):
            with m.Case(Step.RESET):
                m.d.comb += [fire.eq(own), negative.eq(self.negative),
                             current.eq(self.settings.reset_ua)]
            with m.Case(Step.SET):
                m.d.comb += [fire.eq(own & (word.target != 0)), current.eq(self.settings.set_ua)]
            if pair:
                with m.Case(Step.COMPARE):
                    m.d.comb += [changed.eq(own), after.error.eq(verdict.error)]
                with m.Case(Step.CHOOSE):
                    both = (word.error < 0) & (verdict.error < 0)
                    m.d.comb += [
                        changed.eq(own),
                        after.device.eq((word.error < verdict.error) ^ both),
                        device.eq(~after.device),
                        fire.eq(own & ~both & (word.target != 0)),
                        current.eq(self.settings.reset_ua),
                    ]
            with m.Case(Step.LOOP):
                alive = own & word.active
                m.d.comb += [
                    changed.eq(own),
                    fire.eq(alive & ~verdict.good & ~self.last_round),
                    after.active.eq(fire),
                    after.current.eq(Mux(fire, verdict.next, word.current)),
                    current.eq(verdict.next),
                    self.converged.eq(alive & verdict.good),
                    self.failed.eq(alive & ~verdict.good & self.last_round),
                    self.pulsed.eq(fire),
                ]
                if pair:
                    m.d.comb += device.eq(word.device)

        new = Signal(cell)
        m.d.comb += [
            new.target.eq(self.target),
            new.active.eq(1),
            new.current.eq(Mux(self.target == 0, self.settings.high, self.settings.start)),
            write.en.eq(self.write | changed),
            write.addr.eq(Mux(self.write, self.column, places[-1])),
            write.data.eq(Mux(self.write, new, after)),
        ]

        # The heads' words move up by one with each cell, the first cell of a group last.
        gathered = {"fire": fire, "negative": negative, "current": current}
        if pair:
            gathered["device"] = device
        with m.If(passing[-1]):
            for name, value in gathered.items():
                held = getattr(told, name)
                held = held if name != "current" else held.as_value()
                m.d.sync += held.eq(Cat(held, value)[len(value):])
        last_head = Signal(4)
        m.d.sync += last_head.eq(Cat(issue & (head == heads - 1), last_head))
        with m.If(last_head[-1]):
            m.d.sync += full.eq(1)
        m.d.comb += [
            self.o.valid.eq(full),
            told.row.eq(self.row),
            told.group.eq(group),
        ]
        with m.Switch(self.step):
            with m.Case(Step.SET):
                m.d.comb += told.kind.eq(Kind.SET)
            with m.Case(Step.LOOP):
                m.d.comb += told.kind.eq(Kind.LOOP)
            with m.Default():
                m.d.comb += told.kind.eq(Kind.RESET)
        return m
