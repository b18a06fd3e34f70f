"""Number formats: ranges, text, refusals."""

import re

import pytest

from golden.qformat import QFormat


@pytest.mark.parametrize(("text", "width", "low", "high"), [
    ("U(1,7)", 8, 0, 255),
    ("S(7,1)", 8, -128, 127),
    ("S(1,11)", 12, -2048, 2047),
    ("U(1,0)", 1, 0, 1),
    ("S(2,0)", 2, -2, 1),
    ("U(-2,6)", 4, 0, 15),  # 0 to 15/64: the two bits below the point are 0
    ("S(10,-0)", None, None, None),
])
def test_ranges(text, width, low, high):
    if width is None:
        with pytest.raises(ValueError, match=r"^a format is written U\(i,f\) or S\(i,f\)"):
            QFormat.parse(text)
        return
    fmt = QFormat.parse(text)
    assert (fmt.width, fmt.min, fmt.max) == (width, low, high)
    assert str(fmt) == text
    assert fmt.holds(low, high)
    assert not fmt.holds(low - 1, high)
    assert not fmt.holds(low, high + 1)


def test_parse_ignores_spaces():
    assert QFormat.parse(" S( 7, 1 )") == QFormat(True, 7, 1)


@pytest.mark.parametrize("text", ["s(7,1)", "S(7.1)", "S(7,-1)", "S(7,1", "", None, 7])
def test_refused_text(text):
    message = f"a format is written U(i,f) or S(i,f), not {text!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        QFormat.parse(text)


@pytest.mark.parametrize(("arguments", "error", "message"), [
    ((1, 7, 1), TypeError, "signed must be a bool, not 1"),
    ((True, 7.0, 1), TypeError, "int_bits must be an integer, not 7.0"),
    ((True, True, 1), TypeError, "int_bits must be an integer, not True"),
    ((True, 7, "1"), TypeError, "frac_bits must be an integer, not '1'"),
    ((True, 7, -1), ValueError, "frac_bits must be at least 0, not -1"),
    ((True, 1, 0), ValueError, "S(1,0) is 1 bits wide; allowed are 2 to 62"),
    ((False, -3, 3), ValueError, "U(-3,3) is 0 bits wide; allowed are 1 to 62"),
    ((True, 60, 3), ValueError, "S(60,3) is 63 bits wide; allowed are 2 to 62"),
])
def test_refusals(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        QFormat(*arguments)


@pytest.mark.parametrize(("low", "high", "width"), [
    (0, 0, 2), (-1, 0, 2), (-2, 1, 2), (-3, 1, 3), (-2, 2, 3), (-4, 3, 3), (-5, 3, 4),
    (-4, 4, 4), (5, 7, 4), (8, 9, 5), (-9, -9, 5), (-8, -5, 4),
])
def test_holding_is_the_narrowest(low, high, width):
    fmt = QFormat.holding(low, high, frac_bits=1)
    assert (fmt.signed, fmt.width, fmt.frac_bits) == (True, width, 1)
    assert fmt.holds(low, high)
    assert width == 2 or not QFormat(True, width - 2, 1).holds(low, high)
