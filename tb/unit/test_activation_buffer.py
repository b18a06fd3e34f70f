# amaranth: UnusedElaboratable=no
"""hw.streams.activation_buffer: what it refuses."""

import pytest

from golden.presets import tiny
from hw.streams.activation_buffer import ActivationBuffer


def test_a_tile_without():
    with pytest.raises(ValueError, match="^config must have control.activations, not 0$"):
        ActivationBuffer(tiny.replace(control={"activations": 0}))
