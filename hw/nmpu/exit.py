"""Where results and partial sums leave the lanes, in the order in which they are due."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from golden.descriptors import DESTINATIONS
from hw.nmpu.payloads import accumulated_sums, results

__all__ = ["ACTIVATIONS", "NONE", "SUMS", "Due", "Exit", "Y"]

NONE, Y, ACTIVATIONS, SUMS = range(len(DESTINATIONS))
PLACES = 3
"""Of a queue: one whose data is coming, one that leaves, and one to see that none does."""

Due = data.StructLayout({"destination": 2, "last": 1, "final": 1, "interrupt": 1})
"""A group for a destination, ``last`` of its columns; or the end of a job, that may have none."""


class Exit(wiring.Component):
    """Offers what is due to its destination.

    With a queue the data comes a clock after what is due, as from lanes that follow their control
    by one clock, and `i.ready` knows no more than the places that are free: no output of the unit
    reaches a lane in the same clock.

    Parameters
    ----------
    config : TileConfig
    queued : bool

    Members
    -------
    i : In(stream.Signature(Due))
        ``destination`` `NONE` only ends a job.
    results, sums : In
        What all lanes give, the latter with ``config.nmpu.partial_sums``.
    o : Out(stream.Signature(results(config)))
    sums_o : Out(stream.Signature(accumulated_sums(config)))
        With ``config.nmpu.partial_sums``.
    job_done, job_interrupt : Out(1)
        A ``final`` group leaves; one clock.
    busy : Out(1)
        Something waits inside.
    """

    def __init__(self, config, *, queued):
        self._queued = queued
        self._layouts = {"results": results(config)["data"].shape}
        streams = {"o": Out(stream.Signature(results(config)))}
        if config.nmpu.partial_sums:
            self._layouts["sums"] = accumulated_sums(config)["data"].shape
            streams["sums_o"] = Out(stream.Signature(accumulated_sums(config)))
        super().__init__({
            "i": In(stream.Signature(Due)),
            **{name: In(layout) for name, layout in self._layouts.items()}, **streams,
            "job_done": Out(1), "job_interrupt": Out(1), "busy": Out(1),
        })

    @staticmethod
    def latency_of(queued):
        """Clocks from what is due to its offer."""
        return 2 if queued else 0

    def elaborate(self, platform):
        m = Module()
        head, valid, leaves = Signal(Due), Signal(), Signal()
        offered = {name: Signal(layout, name=f"offered_{name}")
                   for name, layout in self._layouts.items()}
        if self._queued:
            self._queue(m, head, valid, leaves, offered)
        else:
            m.d.comb += [
                head.eq(self.i.payload),
                valid.eq(self.i.valid),
                self.i.ready.eq(leaves | ~valid),
                *(offered[name].eq(getattr(self, name)) for name in offered),
            ]
        m.d.comb += [
            self.o.valid.eq(valid & ((head.destination == Y) | (head.destination == ACTIVATIONS))),
            self.o.payload.data.eq(offered["results"]),
            self.o.payload.last.eq(head.last),
            self.o.payload.to_buffer.eq(head.destination == ACTIVATIONS),
            self.job_done.eq(leaves & head.final),
            self.job_interrupt.eq(leaves & head.final & head.interrupt),
            leaves.eq(valid & (~self.o.valid | self.o.ready)),
        ]
        if "sums" in offered:
            m.d.comb += [
                self.sums_o.valid.eq(valid & (head.destination == SUMS)),
                self.sums_o.payload.data.eq(offered["sums"]),
                self.sums_o.payload.last.eq(head.last),
            ]
            with m.If(self.sums_o.valid):
                m.d.comb += leaves.eq(self.sums_o.ready)
        return m

    def _queue(self, m, head, valid, leaves, offered):
        """A ring of places; one is taken when a group is due and filled in the clock after."""
        taken, filling = self.i.valid & self.i.ready, Signal()
        into, out_of = (Signal(PLACES, name=name, init=1) for name in ("into", "out_of"))
        filled, free = Signal(range(PLACES + 1)), Signal(range(PLACES + 1), init=PLACES)
        coming = Signal(Due)
        dues = [Signal(Due, name=f"due_{k}") for k in range(PLACES)]
        kept = {name: [Signal.like(value, name=f"{name}_{k}", reset_less=True)
                       for k in range(PLACES)] for name, value in offered.items()}
        m.d.sync += [
            filling.eq(taken),
            filled.eq(filled + filling - leaves),
            free.eq(free - taken + leaves),
        ]
        with m.If(taken):
            m.d.sync += coming.eq(self.i.payload)
        with m.If(filling):
            m.d.sync += into.eq(into.rotate_left(1))
        with m.If(leaves):
            m.d.sync += out_of.eq(out_of.rotate_left(1))
        wanted = {"results": (Y, ACTIVATIONS), "sums": (SUMS,)}
        for k in range(PLACES):
            with m.If(filling & into[k]):
                m.d.sync += dues[k].eq(coming)
                for name, places in kept.items():
                    with m.If(Cat(coming.destination == d for d in wanted[name]).any()):
                        m.d.sync += places[k].eq(getattr(self, name))
            with m.If(out_of[k]):
                m.d.comb += [head.eq(dues[k]),
                             *(offered[name].eq(places[k]) for name, places in kept.items())]
        m.d.comb += [
            valid.eq(filled.any()),
            self.i.ready.eq(free.any()),
            self.busy.eq(free != PLACES),
        ]
