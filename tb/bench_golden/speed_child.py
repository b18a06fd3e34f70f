"""The golden side of the timing: a process that answers one JSON request per line.

    {"what": "physics", "batch": 256, "repeats": 8}    ->  {"seconds": [...], "processor": [...]}

``physics``: pulses to counts, all noise on, read noise fresh for every read. ``same_terms``: the
noise that aihwkit's Torch tile has: read noise drawn once, output noise at every read.
``products``: two bare float32 matrix products with 256 x 256; ``wide_products``: with 256 x 512,
the mean and the variance of P and N as one would write them. ``tile``: bytes to bytes through
the bit-true periphery, on ``physics``. ``peak``: ``vectors`` through ``physics`` in batches;
answers ``{"megabytes": ...}`` too. The threads of the libraries are set by the parent, before
numpy is imported here.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from golden.array.counter import ArrayCounter
from golden.array.crossbar import Crossbar
from golden.array.device import PcmLike
from golden.array.drift_error import gaussian_weights
from golden.array.effects import ArrayEffects
from golden.convert.calibrate import measure, solve
from golden.convert.oscillator import OscillatorBank
from golden.nmpu import Coefficients
from golden.presets import hermes
from golden.settings import Settings
from golden.tile import run_tile
from tb.bench_golden.mvm_error import VOLTAGE_V

SEED = 1
SECONDS = 3600.0
WINDOW = 128
OUTPUT_NOISE = 0.04
"""As aihwkit's side has it, in units of a full weight times a full input."""

EFFECTS = {"physics": ArrayEffects(),
           "same_terms": ArrayEffects(read_noise="frozen", output_noise=OUTPUT_NOISE)}

ROWS = COLUMNS = 256


def peak_megabytes():
    """The most memory this process ever held.

    Not ``ru_maxrss``: a child starts with its parent's, so that of a large parent would be told.
    """
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024


class Work:
    """A default array one hour after its first read, and inputs for it."""

    def __init__(self):
        rng = np.random.default_rng(SEED)
        weights = gaussian_weights(ROWS, COLUMNS, rng)
        self.weights, self.bank = weights, OscillatorBank.sample(
            COLUMNS, hermes.readout.counter_bits, rng)
        self.counters = {}
        scale, offset = solve(
            *measure(self.bank, window_ns=float(WINDOW)), window_ns=float(WINDOW),
            counter_bits=self.bank.counter_bits).affine(window_ns=float(WINDOW))
        self.coefficients = Coefficients.from_real(
            hermes, scale=scale, offset=offset, norm_scale=np.full(COLUMNS, 0.5),
            norm_bias=np.zeros(COLUMNS))
        self.settings = Settings(shift=14)
        self.rng = np.random.default_rng([SEED, 1])

    def inputs(self, batch):
        return self.rng.integers(-127, 127, (batch, ROWS), dtype=np.int8, endpoint=True)

    def counter(self, name):
        """The array with the noise called ``name``; made when it is first asked for."""
        if name not in self.counters:
            crossbar = Crossbar.from_weights(
                self.weights, device=PcmLike(), rng=np.random.default_rng([SEED, 2]), w_max=1.0,
                effects=EFFECTS[name])
            crossbar.advance(SECONDS)
            self.counters[name] = ArrayCounter(crossbar=crossbar, bank=self.bank,
                                               read_voltage_v=VOLTAGE_V)
        return self.counters[name]

    def counts(self, lengths, name="physics"):
        return self.counter(name).counts(lengths, window_clocks=WINDOW, seed=SEED)

    def call(self, what, batch):
        """A function of no arguments that does the work once."""
        x = self.inputs(batch)
        if what in EFFECTS:
            return lambda: self.counts(x, what)
        if what == "tile":
            counts = self.counts
            return lambda: run_tile(x, lambda read: counts(read.lengths), self.coefficients,
                                    self.settings, hermes)
        if what in ("products", "wide_products"):
            columns = COLUMNS * (1 if what == "products" else 2)
            a, out = x.astype(np.float32), np.empty((2, batch, columns), np.float32)
            first, second = self.rng.standard_normal((2, ROWS, columns)).astype(np.float32)

            def products():
                np.matmul(a, first, out=out[0])
                np.matmul(a, second, out=out[1])
            return products
        raise ValueError("what must be physics, same_terms, tile, products or wide_products, "
                         f"not {what!r}")

    def stream(self, vectors, batch):
        """Stream vectors through the array; seconds and the peak of this process in MB."""
        batches = (self.inputs(batch) for _ in range(vectors // batch))
        start = time.perf_counter()
        done = sum(len(counts) for counts in self.counter("physics").stream(
            batches, window_clocks=WINDOW, seed=SEED))
        seconds = time.perf_counter() - start
        return {"seconds": [seconds], "vectors": done, "megabytes": peak_megabytes()}


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
            seconds, processor = [], []
            for _ in range(request["repeats"]):
                start, used = time.perf_counter(), time.process_time()
                calls[what, batch]()
                seconds.append(time.perf_counter() - start)
                processor.append(time.process_time() - used)
            answer = {"seconds": seconds, "processor": processor}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
