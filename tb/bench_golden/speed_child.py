"""The golden side of the timing: a process that answers one JSON request per line.

    {"what": "physics", "batch": 256, "repeats": 8}    ->  {"seconds": [...]}

``physics``: pulses to counts, all noise on. ``products``: two bare float32 matrix products.
``tile``: bytes to bytes through the bit-true periphery. ``peak``: ``vectors`` of them streamed in
batches; answers ``{"megabytes": ...}`` too. The threads of the libraries are set by the parent,
before numpy is imported here.
"""

import json
import resource
import sys
import time

import numpy as np

from golden.array.counter import ArrayCounter
from golden.array.crossbar import Crossbar
from golden.array.device import PcmLike
from golden.array.drift_error import gaussian_weights
from golden.convert.oscillator import OscillatorBank, affine_correction
from golden.nmpu import Coefficients
from golden.presets import hermes
from golden.settings import Settings
from golden.tile import run_tile
from tb.bench_golden.mvm_error import VOLTAGE_V

SEED = 1
SECONDS = 3600.0
WINDOW = 128
ROWS = COLUMNS = 256


class Work:
    """A default array one hour after its first read, and inputs for it."""

    def __init__(self):
        rng = np.random.default_rng(SEED)
        weights = gaussian_weights(ROWS, COLUMNS, rng)
        crossbar = Crossbar.from_weights(weights, device=PcmLike(), rng=rng, w_max=1.0)
        crossbar.advance(SECONDS)
        bank = OscillatorBank.sample(COLUMNS, hermes.readout.counter_bits, rng)
        self.counter = ArrayCounter(crossbar=crossbar, bank=bank, read_voltage_v=VOLTAGE_V)
        scale, offset = affine_correction(bank, float(WINDOW))
        self.coefficients = Coefficients.from_real(
            hermes, scale=scale, offset=offset, norm_scale=np.full(COLUMNS, 0.5),
            norm_bias=np.zeros(COLUMNS))
        self.settings = Settings(shift=14)
        self.matrices = rng.standard_normal((2, ROWS, COLUMNS)).astype(np.float32)
        self.rng = np.random.default_rng([SEED, 1])

    def inputs(self, batch):
        return self.rng.integers(-127, 127, (batch, ROWS), dtype=np.int8, endpoint=True)

    def counts(self, lengths):
        return self.counter.counts(lengths, window_clocks=WINDOW, seed=SEED)

    def call(self, what, batch):
        """A function of no arguments that does the work once."""
        x = self.inputs(batch)
        if what == "physics":
            return lambda: self.counts(x)
        if what == "tile":
            return lambda: run_tile(x, self.counts, self.coefficients, self.settings, hermes)
        if what == "products":
            a, out = x.astype(np.float32), np.empty((2, batch, COLUMNS), np.float32)

            def products():
                np.matmul(a, self.matrices[0], out=out[0])
                np.matmul(a, self.matrices[1], out=out[1])
            return products
        raise ValueError(f"what must be physics, tile or products, not {what!r}")

    def stream(self, vectors, batch):
        """Stream vectors through the array; seconds and the peak of this process in MB."""
        batches = (self.inputs(batch) for _ in range(vectors // batch))
        start = time.perf_counter()
        done = sum(len(counts) for counts in self.counter.stream(
            batches, window_clocks=WINDOW, seed=SEED))
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"seconds": [seconds], "vectors": done, "megabytes": peak}


def serve():
    """Answer requests until the input ends."""
    work, calls = Work(), {}
    for line in sys.stdin:
        request = json.loads(line)
        what, batch = request["what"], request["batch"]
        if what == "peak":
            answer = work.stream(request["vectors"], batch)
        else:
            if (what, batch) not in calls:
                calls[what, batch] = work.call(what, batch)
                calls[what, batch]()
            seconds = []
            for _ in range(request["repeats"]):
                start = time.perf_counter()
                calls[what, batch]()
                seconds.append(time.perf_counter() - start)
            answer = {"seconds": seconds}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
