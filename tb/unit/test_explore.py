"""The sweep: which points none beats, the error of formats, and what is refused."""

import numpy as np
import pytest
from click.testing import CliRunner

from golden.requantise import Rounding
from tb.explore import __main__ as command
from tb.explore.error import fixed_and_real, relative_error
from tb.explore.measured import Point, best
from tb.explore.pareto import front
from tb.explore.report import table_of_points
from tb.explore.space import DEFAULTS, Choice, choices


def choice(scale_bits=7, rounding=Rounding.HALF_EVEN):
    return Choice(lanes=64, scale_bits=scale_bits, rounding=rounding, stage_gates=0)


def point(area, mhz, error):
    return Point(choice=choice(), area_um2=area, clock_mhz=mhz, by="OpenSTA", clocks=10,
                 error=error)


def test_front():
    costs = [(1, 9, 5), (2, 9, 5), (2, 8, 5), (1, 9, 5), (3, 8, 4), (3, 8, 6)]
    #        kept       beaten     kept       equal      kept       beaten
    assert front(costs) == [True, False, True, True, True, False]
    assert front([]) == []


def test_latency_counts_at_the_points_own_clock():
    # 10 clocks of 2 ns and of 1 ns: the second is larger and faster, the third is only larger.
    points = [point(1.0, 500, 0.1), point(2.0, 1000, 0.1), point(3.0, 1000, 0.1)]
    assert [p.latency_ns for p in points] == [20, 10, 10]
    assert best(points) == points[:2]
    marks = list(table_of_points(points, best(points), "").columns[-1].cells)
    assert sorted(marks) == ["", "*", "*"]


def test_error_falls_with_bits_and_with_rounding():
    errors = [relative_error(choice(bits).config) for bits in DEFAULTS["scale_bits"]]
    assert errors[0] > errors[1] > errors[2] > 0
    assert relative_error(choice(rounding=Rounding.FLOOR).config) > errors[1]


def test_error_is_of_arithmetic_and_not_of_saturation():
    fixed, real = fixed_and_real(choice().config)
    assert abs(fixed).max() < 127
    assert fixed.shape == real.shape == (64, 256)
    # Less than half a step of rounding and half of what coefficients can differ by.
    assert np.abs(fixed - real).max() < 1
    assert (real == fixed_and_real(choice(5).config)[1]).all()


def test_every_combination_is_a_point():
    found = choices(**DEFAULTS)
    assert len(found) == len({c.name for c in found}) == len({c.config for c in found})
    assert len(found) == np.prod([len(values) for values in DEFAULTS.values()])


@pytest.mark.parametrize(("arguments", "wanted"), [
    (["--lanes", "3"], "nmpu.lanes must divide"),
    (["--lanes", "16,x"], "numbers of lanes"),
    (["--scale-bits=-1"], "frac_bits must be at least 0"),
    (["--scale-bits", "40"], "nmpu.scale must fit"),
    (["--rounding", "up"], "half_even"),
    (["--stage-gates", "3"], "from 8 to 64"),
])
def test_a_bad_value_is_refused_before_anything_is_mapped(arguments, wanted, monkeypatch):
    monkeypatch.setattr(command, "measure_all", None)
    result = CliRunner().invoke(command.main, arguments)
    assert result.exit_code == 2 and result.stdout == ""
    assert wanted in result.stderr and result.stderr.count("\n") == 1
