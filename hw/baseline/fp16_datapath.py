"""One FP16 lane: from the two counts of a column to its result."""

from amaranth.hdl import Cat, Module, Mux, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.baseline.add import Add
from hw.baseline.float16 import Float16, rectified
from hw.baseline.from_integer import FromInteger
from hw.baseline.fused_multiply_add import FusedMultiplyAdd
from hw.baseline.scale_integer import ScaleInteger
from hw.baseline.to_integer import ToInteger

__all__ = ["Fp16Datapath"]


class Fp16Datapath(wiring.Component):
    """Counts to FP16, two fused multiply-adds, P - N, a third one, sum with what was received.

    One column per enabled clock. A datapath holds no control and no memory: every input comes at
    the enabled clock, counted from that of the counts, that is given below.

    Parameters
    ----------
    config : TileConfig
        ``readout.counter_bits`` and ``nmpu.rounding`` matter.
    receives : bool
        With the sum and the second activation, or, like `hw.nmpu.lane.Lane`, without.

    Members
    -------
    en : In(1)
        The pipeline advances.
    count_p, count_n : In(counter_bits)
        Clock 0.
    scale_p, offset_p, scale_n, offset_n : In(Float16)
        Clock ``affine_at``.
    norm_scale, norm_bias : In(Float16)
        Clock ``normalise_at``.
    received : In(signed(8))
        Clock ``receive_at``; only with ``receives``, as the next three.
    received_scale : In(Float16)
        Clock ``receive_at``.
    relu : In(1)
        Clock ``relu_at``: before the sum.
    receive : In(1)
        Clock ``relu_at``: there is a sum.
    relu_after : In(1)
        Clock ``relu_after_at``.
    o : Out(signed(8))
        Clock ``latency``: the result.
    """

    affine_at = FromInteger.latency
    subtract_at = affine_at + FusedMultiplyAdd.latency
    normalise_at = subtract_at + Add.latency
    relu_at = normalise_at + FusedMultiplyAdd.latency
    receive_at = relu_at - ScaleInteger.latency
    relu_after_at = relu_at + Add.latency

    def __init__(self, config, *, receives=True):
        self._config = config
        self._receives = bool(receives)
        bits = config.readout.counter_bits
        super().__init__({
            "en": In(1),
            "count_p": In(bits), "count_n": In(bits),
            "scale_p": In(Float16), "offset_p": In(Float16),
            "scale_n": In(Float16), "offset_n": In(Float16),
            "norm_scale": In(Float16), "norm_bias": In(Float16),
            "relu": In(1),
            **({"received": In(signed(8)), "received_scale": In(Float16),
                "receive": In(1), "relu_after": In(1)} if receives else {}),
            "o": Out(signed(8)),
        })

    @property
    def latency(self):
        return self.latency_of(self._receives)

    @classmethod
    def latency_of(cls, receives):
        """The latency with or without the sum."""
        return (cls.relu_after_at if receives else cls.relu_at) + ToInteger.latency

    def elaborate(self, platform):
        m = Module()
        branches = []
        for name in ("p", "n"):
            m.submodules[f"count_{name}"] = count = FromInteger(self._config.readout.counter_bits)
            m.submodules[f"affine_{name}"] = affine = FusedMultiplyAdd()
            m.d.comb += [
                count.en.eq(self.en),
                count.i.eq(getattr(self, f"count_{name}")),
                affine.en.eq(self.en),
                affine.a.eq(getattr(self, f"scale_{name}")),
                affine.b.eq(count.o),
                affine.c.eq(getattr(self, f"offset_{name}")),
            ]
            branches.append(affine.o)

        m.submodules.subtract = subtract = Add()
        m.submodules.normalise = normalise = FusedMultiplyAdd()
        m.submodules.to_integer = to_integer = ToInteger(self._config.nmpu.rounding)
        p, n = branches
        m.d.comb += [
            subtract.en.eq(self.en),
            subtract.a.eq(p),
            subtract.b.eq(Cat(n.magnitude, ~n.sign)),
            normalise.en.eq(self.en),
            normalise.a.eq(self.norm_scale),
            normalise.b.eq(subtract.o),
            normalise.c.eq(self.norm_bias),
            to_integer.en.eq(self.en),
            self.o.eq(to_integer.o),
        ]
        y = rectified(normalise.o, self.relu)

        if self._receives:
            m.submodules.scale = scale = ScaleInteger()
            m.submodules.add = add = Add()
            m.d.comb += [
                scale.en.eq(self.en),
                scale.i.eq(self.received),
                scale.scale.eq(self.received_scale),
                add.en.eq(self.en),
                add.a.eq(y),
                add.b.eq(Mux(self.receive, scale.o.as_value(), 0)),
            ]
            y = rectified(add.o, self.relu_after)
        m.d.comb += to_integer.i.eq(y)
        return m
