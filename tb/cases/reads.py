"""Random results, window by window, as the lanes are to process them."""

from dataclasses import dataclass, replace

import numpy as np

from golden.config import VECTOR_BITS
from golden.nmpu import Coefficients, process
from golden.settings import Settings, most_reads

__all__ = ["Result", "random_results", "random_settings"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One result: settings, bank, the counts of its reads (reads, 2, columns), what follows.

    The reads are those of every vector, one vector after the other.
    """

    settings: Settings
    bank: int
    counts: np.ndarray
    wanted: np.ndarray
    exponent: int = 0
    """Of the bank."""

    def windows(self, config):
        """What hardware does in order: (tag, counts (2, counters)) of every window.

        A vector is read for one block of columns after the other. A tag has the fields of
        `hw.readout.payloads.tag`.
        """
        s = self.settings
        weights = s.weights
        common = {"measure": 0, "bank": self.bank, "shift": s.shift, "relu": int(s.relu),
                  "output_bits": s.output_bits}
        windows = []
        for vector in range(s.reads):
            for block in range(config.blocks):
                for k, weight in enumerate(weights):
                    read = vector * len(weights) + k
                    tag = {"first": int(read == 0), "last": int(read == len(self.counts) - 1),
                           "block": block, "weight": weight.bit_length() - 1 + self.exponent,
                           **common}
                    part = slice(block * config.counters, (block + 1) * config.counters)
                    windows.append((tag, self.counts[read][:, part]))
        return windows


def random_settings(config, rng, *, reads=None):
    """Legal settings; of few vectors unless ``reads`` tells how many are wanted."""
    modes, bits = config.drive.read_modes, config.drive.input_bits
    mode = str(rng.choice(modes))
    input_bits = int(rng.choice([n for n in VECTOR_BITS if n <= bits]))
    reads = int(rng.integers(1, 4)) if reads is None else reads
    return Settings(
        read_mode=mode, input_bits=input_bits,
        reads=min(reads, most_reads(config, read_mode=mode, input_bits=input_bits)),
        relu=bool(rng.integers(2)), shift=int(rng.integers(1 << config.nmpu.shift_bits)),
        output_bits=int(rng.choice([n for n in VECTOR_BITS if n <= config.nmpu.output_bits])))


def random_results(config, rng, count):
    """Two banks of coefficients, and ``count`` results of random settings on either of them."""
    exponents = rng.permutation(2) % len(config.exponents)
    banks = [replace(Coefficients.random(config, rng), exponent=int(exponent))
             for exponent in exponents]
    bits, columns = config.readout.counter_bits, config.array.columns
    results = []
    for k in range(count):
        settings = random_settings(config, rng, reads=config.nmpu.max_reads if k == 1 else None)
        shape = (settings.reads * len(settings.weights), 2, columns)
        counts = rng.integers(0, 1 << bits, shape) >> rng.integers(0, bits, shape)
        bank = int(rng.integers(2))
        results.append(Result(settings=settings, bank=bank, counts=counts,
                              exponent=banks[bank].exponent,
                              wanted=process(counts, banks[bank], settings, config)))
    used = {result.settings.read_mode for result in results}
    assert count < 40 or used == set(config.drive.read_modes), "a mode is not exercised"
    return banks, results
