"""The registers of chains and faults, and the trigger."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers.chain import CHAIN, WATCHDOG_BITS
from hw.control.register_bus import RegisterBus
from hw.control.register_page import RegisterPage

__all__ = ["ChainRegisters"]

PAGE = {register.name: register for register in CHAIN.registers}


class ChainRegisters(wiring.Component):
    """Starts chains on request of the bus or of the trigger, and shows how they go.

    Members
    -------
    bus : In(RegisterBus())
    first, last : Out(8)
    loops : Out(32)
        Of the chain.
    start : Out(1)
        One clock.
    startable : In(1)
        Nothing runs or waits that a chain would meet.
    trigger : In(1)
        A rising edge starts a chain.
    trigger_lost : Out(1)
        It came when none could start, or together with a request of the bus; one clock.
    running : In(1)
    refusal : In(5)
    at, current : In(8)
        See `hw.control.dispatcher.Dispatcher`.
    refused : In(1)
        The refusal is new.
    job_done : In(1)
        Counted by JOBS.
    limit : Out(WATCHDOG_BITS)
    code : In(4)
        See `hw.control.supervisor.Supervisor`.
    """

    bus: In(RegisterBus())
    first: Out(8)
    last: Out(8)
    loops: Out(32)
    start: Out(1)
    startable: In(1)
    trigger: In(1)
    trigger_lost: Out(1)
    running: In(1)
    refused: In(1)
    refusal: In(5)
    at: In(8)
    current: In(8)
    job_done: In(1)
    limit: Out(WATCHDOG_BITS)
    code: In(4)

    def elaborate(self, platform):
        m = Module()
        page = RegisterPage(m, self.bus, PAGE, legal=self._legal, resets={})
        values, chain, status = page.values, page.values["CHAIN"], page.values["CHAIN_STATUS"]
        before = Signal(init=1)  # a level from reset on is no edge
        triggered = Signal()
        asked = page.written["CHAIN"] & page.writes["CHAIN"]["start"]
        m.d.sync += before.eq(self.trigger)
        m.d.comb += [
            triggered.eq(self.trigger & ~before),
            self.start.eq(asked | (triggered & self.startable)),
            # One chain starts at a time, and a request of the bus comes first.
            self.trigger_lost.eq(triggered & (asked | ~self.startable)),
            self.first.eq(chain["first"]),
            self.last.eq(chain["last"]),
            self.loops.eq(values["LOOPS"]["loops"]),
            chain["start"].eq(self.running),
            status["current"].eq(self.current),
            self.limit.eq(values["WATCHDOG"]["clocks"]),
            values["FAULT"]["code"].eq(self.code),
        ]
        with m.If(asked):
            m.d.comb += [self.first.eq(page.writes["CHAIN"]["first"]),
                         self.last.eq(page.writes["CHAIN"]["last"])]
        with m.If(self.start):
            m.d.sync += [status["refusal"].eq(0), status["at"].eq(0)]
        with m.Elif(self.refused):
            m.d.sync += [status["refusal"].eq(self.refusal), status["at"].eq(self.at)]
        count = values["JOBS"]["count"]
        with m.If(self.job_done & ~count.all()):
            m.d.sync += count.eq(count + 1)
        return m

    def _legal(self, name, fields, values):
        if name == "CHAIN":
            return ~self.running & (self.startable | ~fields["start"])
        return 1
