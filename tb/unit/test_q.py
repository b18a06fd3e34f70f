# amaranth: UnusedElaboratable=no
"""Formats as Amaranth shapes: nothing is assigned that may lose bits."""

import re

import pytest
from amaranth.hdl import Const, Module, Shape, Signal, signed, unsigned
from amaranth.lib import stream

from golden.qformat import QFormat
from hw.formats.link import link
from hw.formats.q import Q
from hw.nmpu.requantise import Requantise

S44, S35, U44 = (Q(QFormat.parse(text)) for text in ("S(4,4)", "S(3,5)", "U(4,4)"))


def refusal(text):
    return pytest.raises(TypeError, match=f"^{re.escape(text)}$")


def test_shape():
    assert S44.as_shape() == Shape(8, signed=True)
    assert U44.as_shape() == Shape(8, signed=False)
    assert Q(QFormat.parse("S(4,4)")) == S44
    assert hash(Q(QFormat.parse("S(4,4)"))) == hash(S44)
    assert S44 != S35 and S44 != signed(8)
    assert repr(S44) == "Q(S(4,4))"


@pytest.mark.parametrize(("shape", "inside", "outside"), [
    (S44, (-128, 0, 127, None), (-129, 128)), (U44, (0, 255), (-1, 256))])
def test_constants(shape, inside, outside):
    for raw in inside:
        assert Const.cast(shape.const(raw)).value == (raw or 0)
    for raw in outside:
        with pytest.raises(ValueError, match=f"^{raw} does not fit {re.escape(repr(shape))}$"):
            shape.const(raw)
    with pytest.raises(TypeError, match="^Initial value must be a constant initializer of Q"):
        Signal(shape, init=300)


def test_from_bits():
    assert [S44.from_bits(bits) for bits in (0, 127, 128, 255)] == [0, 127, -128, -1]
    assert U44.from_bits(255) == 255


def test_raw_is_of_the_signedness():
    assert Signal(S44).raw.shape() == signed(8)
    assert Signal(U44).raw.shape() == unsigned(8)


def test_numbers_have_no_arithmetic():
    with pytest.raises(TypeError):
        Signal(S44) + Signal(S44)


def test_eq_refuses_other_formats_and_wider_numbers():
    number, other = Signal(S44), Signal(S35)
    number.eq(Signal(S44))
    with refusal("Q(S(3,5)) cannot drive Q(S(4,4))"):
        number.eq(other)
    for fits in (Signal(signed(8)), Signal(unsigned(7)), Const(-128, signed(8)), 0):
        number.eq(fits)
    with refusal("signed(9) does not surely fit Q(S(4,4))"):
        number.eq(number.raw + number.raw)
    with refusal("unsigned(8) does not surely fit Q(S(4,4))"):
        number.eq(Signal(8))
    with refusal("signed(8) does not surely fit Q(U(4,4))"):
        Signal(U44).eq(Signal(signed(8)))
    with refusal("unsigned(9) does not surely fit Q(U(4,4))"):
        Signal(U44).eq(Signal(9))
    Signal(U44).eq(Signal(8))


def test_link_wants_equal_formats():
    one, other = (stream.Signature(shape).create(path=(name,))
                  for name, shape in (("a", S44), ("c", S35)))
    m = Module()
    link(m, one, stream.Signature(S44).flip().create(path=("d",)))
    with refusal("payload mismatch: Q(S(4,4)) drives Q(S(3,5))"):
        link(m, one, stream.Signature(S35).flip().create(path=("e",)))
    with refusal("payload mismatch: Q(S(3,5)) drives signed(8)"):
        link(m, other, stream.Signature(signed(8)).flip().create(path=("f",)))


def test_requantise_wants_a_signed_source():
    with pytest.raises(ValueError, match=r"^src must be a signed format, not U\(4,4\)$"):
        Requantise(src=U44.fmt, rounding="floor", shift_bits=3)
