"""The FP16 unit: lanes in step, their coefficients, and the streams around them."""

from amaranth.hdl import Cat, Module, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.baseline.coefficients import Fp16Coefficients, words
from hw.baseline.fp16_datapath import Fp16Datapath
from hw.nmpu.coefficients import CoefficientBus
from hw.nmpu.payloads import results
from hw.readout.payloads import count_pairs, group_range

__all__ = ["Fp16Unit", "fp16_counts", "fp16_tag"]


def fp16_tag(receives):
    """What a vector is processed with."""
    return data.StructLayout({
        "bank": 1,
        "relu": 1,
        **({"receive": 1, "relu_after": 1} if receives else {}),
    })


def fp16_counts(config, receives):
    """One column per lane: ``counts``, the number of the ``group`` and the ``tag``."""
    return data.StructLayout({
        "counts": count_pairs(config, config.nmpu.lanes),
        "group": group_range(config),
        "tag": fp16_tag(receives),
    })


class Fp16Unit(wiring.Component):
    """``config.nmpu.lanes`` FP16 lanes behind one handshake; see `hw.nmpu.nmpu.Nmpu`.

    Throughput is one group per clock. The results of a group are offered ``latency`` clocks after
    its counts were taken. All lanes stop together while results wait to be taken, and while what a
    group is to be added to has not come.

    Parameters
    ----------
    config : TileConfig
    receives : bool
        See `Fp16Datapath`.

    Members
    -------
    i : In(stream.Signature(fp16_counts(config, receives)))
        Column ``group * lanes + l`` goes to lane ``l``.
    received : In(stream.Signature(data.ArrayLayout(signed(8), lanes)))
        For each group whose tag says ``receive``, in their order; only with ``receives``.
    o : Out(stream.Signature(results(config)))
    uses_bank : Out(2)
        Bit ``b``: a group that still needs coefficient bank ``b`` is inside.
    busy : Out(1)
        A group or a result is inside.
    bus : In(CoefficientBus(config))
        The coefficient memory.
    """

    def __init__(self, config, *, receives=True):
        self._config = config
        self._receives = bool(receives)
        received = stream.Signature(data.ArrayLayout(signed(8), config.nmpu.lanes))
        super().__init__({
            "i": In(stream.Signature(fp16_counts(config, receives))),
            **({"received": In(received)} if receives else {}),
            "o": Out(stream.Signature(results(config))),
            "uses_bank": Out(2),
            "busy": Out(1),
            "bus": In(CoefficientBus(config)),
        })

    @property
    def latency(self):
        return Fp16Datapath.latency_of(self._receives)

    def elaborate(self, platform):
        m = Module()
        config, receives = self._config, self._receives
        m.submodules.coefficients = coefficients = Fp16Coefficients(config, receives=receives)
        wiring.connect(m, wiring.flipped(self.bus), coefficients.bus)

        # stage[k]: what accompanies the counts that arrived k enabled clocks ago.
        layout = data.StructLayout({
            "valid": 1, "group": group_range(config), "tag": fp16_tag(receives)})
        stage = [Signal(layout, name=f"stage_{k}") for k in range(self.latency + 1)]
        due = {"affine": Fp16Datapath.affine_at, "norm": Fp16Datapath.normalise_at,
               "receive": Fp16Datapath.receive_at}
        free = Signal()
        missing = Signal()
        advance = Signal()
        m.d.comb += [
            free.eq(~self.o.valid | self.o.ready),
            self.i.ready.eq(free & ~missing),
            # An empty pipeline stands still, as that of the NMPU.
            advance.eq(self.i.ready & (self.i.valid | self.busy)),
        ]
        if receives:
            at = stage[due["receive"]]
            wanted = at.valid & at.tag.receive
            m.d.comb += [
                missing.eq(wanted & ~self.received.valid),
                self.received.ready.eq(wanted & free),
            ]

        m.d.comb += [
            stage[0].valid.eq(self.i.valid),
            stage[0].group.eq(self.i.payload.group),
            stage[0].tag.eq(self.i.payload.tag),
        ]
        with m.If(advance):
            for before, after in zip(stage, stage[1:], strict=False):
                m.d.sync += after.eq(before)
        with m.Elif(self.o.ready):
            # Taken while the pipeline waits for what is received.
            m.d.sync += stage[-1].valid.eq(0)

        fetches = {name: due[name] - 1 for name in words(receives).values()}
        m.d.comb += coefficients.en.eq(advance)
        for name, clock in fetches.items():
            m.d.comb += [
                getattr(coefficients, f"{name}_bank").eq(stage[clock].tag.bank),
                getattr(coefficients, f"{name}_group").eq(stage[clock].group),
            ]

        for k in range(config.nmpu.lanes):
            m.submodules[f"lane_{k}"] = lane = Fp16Datapath(config, receives=receives)
            m.d.comb += [
                lane.en.eq(advance),
                lane.count_p.eq(self.i.payload.counts.p[k]),
                lane.count_n.eq(self.i.payload.counts.n[k]),
                *(getattr(lane, name).eq(getattr(coefficients, name)[k])
                  for name in words(receives)),
                lane.relu.eq(stage[lane.relu_at].tag.relu),
                self.o.payload.data[k].eq(lane.o),
            ]
            if receives:
                m.d.comb += [
                    lane.received.eq(self.received.payload[k]),
                    lane.receive.eq(stage[lane.relu_at].tag.receive),
                    lane.relu_after.eq(stage[lane.relu_after_at].tag.relu_after),
                ]

        fetching = stage[:max(fetches.values()) + 1]
        m.d.comb += [
            self.o.valid.eq(stage[-1].valid),
            self.o.payload.last.eq(stage[-1].group == config.groups - 1),
            self.busy.eq(Cat(s.valid for s in stage[1:]).any()),
            *(self.uses_bank[b].eq(Cat(s.valid & (s.tag.bank == b) for s in fetching).any())
              for b in range(2)),
        ]
        return m
