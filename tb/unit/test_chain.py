"""golden.host.chain: places, jobs and writes by hand; what does not fit."""

import numpy as np
import pytest

from golden.chain_checker import Refusal, check_chain
from golden.descriptors import Descriptor, descriptor_address
from golden.host.chain import (
    Place,
    coefficient_writes,
    descriptor_writes,
    jobs,
    place,
    set_up,
    start_writes,
)
from golden.network.digits import Layer
from golden.nmpu import Coefficients
from golden.presets import lean, small, tiny
from golden.registers import REGISTERS, coefficient_address
from golden.settings import Settings


def layers(*sizes):
    return [Layer(name=f"layer{k}", weights=np.ones((i, o)), relu=True,
                  **{name: np.ones(o) for name in ("gamma", "beta", "mean", "variance")})
            for k, (i, o) in enumerate(zip(sizes, sizes[1:], strict=False))]


PLACES = place(layers(30, 12, 5, 3), small)
SETTINGS = [Settings(shift=n, relu=True) for n in (9, 10, 11)]


def test_places():
    # Groups of eight columns: what a layer takes is what the one before gives, in whole groups.
    assert PLACES == [
        Place(name="layer0", inputs=30, rows=30, first_column=0, outputs=12, columns=16),
        Place(name="layer1", inputs=12, rows=16, first_column=16, outputs=5, columns=8),
        Place(name="layer2", inputs=5, rows=8, first_column=24, outputs=3, columns=8)]
    assert [p.part for p in PLACES] == [slice(0, 16), slice(16, 24), slice(24, 32)]


@pytest.mark.parametrize(("sizes", "message"), [
    ((33, 8), "layer0 must drive at most 32 rows, not 33"),
    ((8, 17, 8, 1), "layers must take from 1 to 32 columns, in groups of 8, not 40"),
    ((8,), "layers must take from 1 to 32 columns, in groups of 8, not 0")])
def test_what_does_not_fit(sizes, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        place(layers(*sizes), small)


def test_layers_that_do_not_follow():
    with pytest.raises(ValueError, match="^layer0 must have 8 inputs, as many as there are "
                                         "outputs before it, not 7$"):
        place([*layers(4, 8), *layers(7, 8)], small)


def test_all_results_of_a_layer_are_rows_of_the_next():
    with pytest.raises(ValueError, match="^layer1 must drive at most 8 rows, not 9$"):
        place(layers(8, 9, 1), tiny.replace(array={"columns": 12}, nmpu={"lanes": 3},
                                            readout={"counter_banks": 1}))


def test_jobs():
    chain = jobs(PLACES, SETTINGS, small, images=4)
    assert chain == [
        Descriptor(source="x", destination="activations", rows=30, first_column=0, columns=16,
                   settings=SETTINGS[0], repeat=4),
        Descriptor(source="activations", destination="activations", rows=16, first_column=16,
                   columns=8, settings=SETTINGS[1], repeat=4),
        Descriptor(source="activations", destination="y", rows=8, first_column=24, columns=8,
                   settings=SETTINGS[2], repeat=4)]
    table = [d.words(small) for d in chain]
    assert check_chain(table, small, 0, 2, unlocked=False) == (Refusal.NONE, 0)


@pytest.mark.parametrize("images", [0, 5])
def test_batches_that_the_buffer_does_not_hold(images):
    with pytest.raises(ValueError, match=f"^images must be from 1 to 4, not {images}$"):
        jobs(PLACES, SETTINGS, small, images=images)


def test_one_layer_needs_no_buffer():
    (only,) = jobs(place(layers(30, 12), lean), SETTINGS[:1], lean, images=65535)
    assert (only.source, only.destination, only.repeat) == ("x", "y", 65535)
    with pytest.raises(ValueError, match="^images must be from 1 to 65535, not 65536$"):
        jobs(place(layers(30, 12), lean), SETTINGS[:1], lean, images=65536)


def test_coefficients_then_their_exchange():
    coefficients = Coefficients.random(tiny, np.random.default_rng(1))
    coefficients.offset[1, 7], coefficients.norm_bias[3] = -3, -70000
    writes = coefficient_writes(coefficients, tiny)
    assert len(writes) == 8 * 6 + 1 and len({address for address, _ in writes}) == len(writes)
    values = dict(writes)
    assert values[coefficient_address(7, "offset_n")] == 0xFFFF_FFFD
    assert values[coefficient_address(3, "norm_bias")] == 2**32 - 70000
    assert values[coefficient_address(5, "scale_p")] == coefficients.scale[0, 5]
    assert values[coefficient_address(5, "scale_n")] == coefficients.scale[1, 5]
    assert writes[-1] == (REGISTERS["CONTROL"].offset, 2)
    assert all(type(value) is int for _, value in writes)


def test_descriptors():
    chain = jobs(PLACES, SETTINGS, small, images=4)
    writes = descriptor_writes(chain, small, first=13)
    assert [address for address, _ in writes] == [
        descriptor_address(k, word) for k in (13, 14, 15) for word in range(5)]
    assert [value for _, value in writes[5:10]] == chain[1].words(small)
    with pytest.raises(ValueError, match="^descriptors must be from 0 to 15, not 14 to 16$"):
        descriptor_writes(chain, small, first=14)
    with pytest.raises(ValueError, match="^descriptors must be from 0 to 15, not 0 to -1$"):
        descriptor_writes([], small)


def test_start():
    assert start_writes(3, 7, loops=50) == [(0x13004, 50), (0x13000, 0x8000_0703)]
    assert start_writes(0, 0)[0] == (0x13004, 1)
    for given, message in (((256, 0, 1), "CHAIN.first must be from 0 to 255, not 256"),
                           ((0, -1, 1), "CHAIN.last must be from 0 to 255, not -1"),
                           ((0, 0, 1 << 32),
                            "LOOPS.loops must be from 0 to 4294967295, not 4294967296")):
        with pytest.raises(ValueError, match=f"^{message}$"):
            start_writes(given[0], given[1], loops=given[2])


def test_everything_in_order():
    coefficients = Coefficients.random(small, np.random.default_rng(2))
    chain = jobs(PLACES, SETTINGS, small, images=2)
    assert set_up(coefficients, chain, small, loops=9) == [
        *coefficient_writes(coefficients, small), *descriptor_writes(chain, small),
        *start_writes(0, 2, loops=9)]
