"""Time of the analog model against the bare matrix products it needs: python -m tb.array_speed."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import resource  # noqa: E402
import time  # noqa: E402
import timeit  # noqa: E402

import numpy as np  # noqa: E402

from golden.array.counter import ArrayCounter  # noqa: E402
from golden.array.crossbar import Crossbar  # noqa: E402
from golden.array.devices import make_device  # noqa: E402
from golden.convert.oscillator import OscillatorBank  # noqa: E402

SIZE = 256
STREAM = 1_000_000


def per_vector_us(call, batch):
    """Best of fifty calls, in µs of processor time per vector: others use the machine too."""
    return min(timeit.repeat(call, timer=time.process_time, number=1, repeat=50)) / batch * 1e6


def main():
    rng = np.random.default_rng(0)
    crossbar = Crossbar.from_weights(rng.standard_normal((SIZE, SIZE)),
                                     device=make_device("pcm_like"), rng=rng)
    counter = ArrayCounter(crossbar=crossbar, bank=OscillatorBank.sample(SIZE, 12, rng),
                           read_voltage_v=0.2)
    for batch in (256, 1024):
        x = rng.integers(-127, 128, (batch, SIZE)).astype(np.int8)
        real, narrow = x.astype(np.float32), rng.random((SIZE, SIZE), np.float32)
        wide = rng.random((SIZE, 2 * SIZE), np.float32)
        out = np.empty((batch, 2 * SIZE), np.float32)
        short = np.empty((batch, SIZE), np.float32)
        one = per_vector_us(lambda a=real, b=narrow, o=short: np.matmul(a, b, out=o), batch)
        both = per_vector_us(lambda a=real, b=wide, o=out: np.matmul(a, b, out=o), batch)
        all_us = per_vector_us(lambda x=x: counter.counts(x, window_clocks=128, seed=1), batch)
        print(f"batch {batch}: all physics {all_us:.2f} µs per vector; two products 256 x 512 "
              f"(mean and variance of P and N) {2 * both:.2f} µs, ratio {all_us / both / 2:.2f}; "
              f"two products 256 x 256 {2 * one:.2f} µs, ratio {all_us / one / 2:.2f}")
    x = rng.integers(-127, 128, (1024, SIZE)).astype(np.int8)
    start, vectors = time.perf_counter(), 0
    for counts in counter.stream((x for _ in range(-(-STREAM // 1024))), window_clocks=128,
                                 seed=1):
        vectors += len(counts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{vectors} vectors in {time.perf_counter() - start:.1f} s, "
          f"peak of the process {peak:.0f} MB")


if __name__ == "__main__":
    main()
