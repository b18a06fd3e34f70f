"""Growth: the fit of the exponent, the tiles of a sweep, and a miss."""

import pytest
from click.testing import CliRunner

from golden.presets import hermes
from tb.synth import growth
from tb.synth.scale_format import with_scale


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_exponent_of_a_power(power):
    sizes = (2, 8, 32, 128)
    assert growth.exponent(sizes, [7 * size**power for size in sizes]) == pytest.approx(power)


def test_tiles_of_the_sweeps():
    def tiles(name):
        sizes, tile = growth.SWEEPS[name]
        return {size: tile(size) for size in sizes}

    assert all(config.nmpu.lanes == size for size, config in tiles("lanes").items())
    assert all(config.array.columns == size for size, config in tiles("columns").items())
    assert all(config.nmpu.scale.width == size for size, config in tiles("scale").items())


def test_accumulators_are_as_wide_as_a_scale_needs():
    # The default's is the narrowest too, and each bit of the scale is one more.
    assert with_scale(hermes, hermes.nmpu.scale.frac_bits) == hermes
    assert with_scale(hermes, 9).nmpu.accumulator_bits == hermes.nmpu.accumulator_bits + 2


@pytest.fixture
def run(monkeypatch):
    """Runs the command with areas that follow ``power`` of the columns; what it wrote."""
    def invoke(power):
        written = []
        monkeypatch.setattr(growth, "area_of",
                            lambda config, library, folder: config.array.columns**power)
        monkeypatch.setattr(growth.figures, "write", lambda name, found: written.extend(found))
        return CliRunner().invoke(growth.main, []), {f.name: f for f in written}
    return invoke


def test_linear_growth_passes(run):
    result, found = run(1.05)
    assert result.exit_code == 0, result.output
    assert found["growth.columns_exponent"].value == pytest.approx(1.05)
    assert found["growth.lanes_exponent"].value == pytest.approx(0)


def test_faster_growth_is_a_miss(run):
    result, found = run(1.5)
    assert result.exit_code == 1
    assert not found["growth.columns_exponent"].holds
    assert "missed growth.columns_exponent" in result.output
