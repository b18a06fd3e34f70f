"""Batches cut at fixed places."""

import numpy as np
import pytest

from golden.array.spans import BLOCK, check_span, pieces


@pytest.mark.parametrize(("first", "count"), [
    (0, 0), (0, 1), (0, BLOCK), (0, 3 * BLOCK + 5), (5, 1), (BLOCK - 1, 2), (1000, 1000)])
def test_a_vector_has_the_place_of_its_index(first, count):
    index = np.arange(first, first + count)
    seen = []
    for batch, place in pieces(first, count):
        assert (index[batch] % BLOCK == np.arange(BLOCK)[place]).all()
        assert len(np.unique(index[batch] // BLOCK)) == 1
        seen += index[batch].tolist()
    assert seen == index.tolist()


@pytest.mark.parametrize(("value", "wanted"), [
    (None, slice(0, 9)), (slice(None), slice(0, 9)), (slice(2, None), slice(2, 9)),
    (slice(np.int64(3), 9, 1), slice(3, 9))])
def test_spans(value, wanted):
    assert check_span("rows", value, 9) == wanted


@pytest.mark.parametrize("value", [slice(3, 3), slice(-1, 3), slice(0, 10), slice(0, 8, 2),
                                   slice(0.0, 3)])
def test_refused_spans(value):
    with pytest.raises(ValueError, match="^rows must be a slice with 0 <= start < stop <= 9, not"):
        check_span("rows", value, 9)
