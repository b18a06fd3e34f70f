"""The last line before the write heads: no pulse that could harm the array."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.program.payloads import Kind, ProgramPins, heads_members, pulse

__all__ = ["PulseGuard"]


class PulseGuard(wiring.Component):
    """Holds the pins of the write heads, and lets a pulse through only if

    - the heads are unlocked,
    - it lasts at most ``program.max_pulse_clocks``; a longer one is cut there,
    - no firing head has more than ``program.max_current_ua``,
    - its description does not change meanwhile,
    - it is not of a round beyond ``program.max_rounds``: pulses of the loop come to the groups of a
      row in rising order, so a group that is not behind the one before begins a round.

    Anything else sets ``violation``, and then nothing fires until ``clear``. The pins follow in the
    clock after what asks for them.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    pulse : In(pulse(config))
    load : In(1)
        Take it over.
    fire, trailing : In(1)
    unlocked : In(1)
    restart : In(1)
        A job begins: count the rounds of its first row anew.
    clear : In(1)
        Nothing fires before the next ``load``, and violations are forgotten.
    pins : Out(ProgramPins(config))
        ``ready`` is not looked at.
    violation : Out(1)
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "pulse": In(pulse(config)), "load": In(1), "fire": In(1), "trailing": In(1),
            "unlocked": In(1), "restart": In(1), "clear": In(1),
            "pins": Out(ProgramPins(config)), "violation": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        program, pins, told = self._config.program, self.pins, self.pulse
        mask = Signal(program.heads)
        strong = Signal()
        fresh = Signal(init=1)
        rounds = Signal(range(program.max_rounds + 2))
        left = Signal(range(program.max_pulse_clocks + 1), init=program.max_pulse_clocks)

        with m.If(self.load):
            m.d.sync += [
                *(getattr(pins, name).eq(getattr(told, name))
                  for name in heads_members(self._config) if name != "fire"),
                mask.eq(told.fire),
                strong.eq(Cat(told.fire[h] & (told.current[h] > program.max_current_ua)
                              for h in range(program.heads)).any()),
                fresh.eq(0),
            ]
            again = told.group <= pins.group
            with m.If(fresh | (told.row != pins.row)):
                m.d.sync += rounds.eq(told.kind == Kind.LOOP)
            with m.Elif((told.kind == Kind.LOOP) & ((rounds == 0) | again)):
                m.d.sync += rounds.eq(Mux(rounds > program.max_rounds, rounds, rounds + 1))
        with m.If(self.restart):
            m.d.sync += fresh.eq(1)
        with m.If(self.clear):
            m.d.sync += [mask.eq(0), strong.eq(0), rounds.eq(0), fresh.eq(1)]

        allowed = (self.unlocked & ~strong & (left != 0) & ~self.load & ~self.violation
                   & (rounds <= program.max_rounds))
        passes = self.fire & allowed & ~self.clear
        m.d.sync += [
            pins.fire.eq(Mux(passes, mask, 0)),
            pins.trailing.eq(self.trailing & passes),
            left.eq(Mux(self.fire, Mux(left == 0, 0, left - 1), program.max_pulse_clocks)),
            self.violation.eq(~self.clear & (self.violation | (self.fire & ~allowed))),
        ]
        return m
