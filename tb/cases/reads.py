"""Random results, read by read, as the lanes are to process them; shared by Lane and Nmpu."""

from dataclasses import dataclass

import numpy as np

from golden.nmpu import Coefficients, process
from golden.settings import Settings

__all__ = ["Result", "random_results"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One result: settings, bank, the counts of its reads (reads, 2, columns), what follows."""

    settings: Settings
    bank: int
    counts: np.ndarray
    wanted: np.ndarray

    def tags(self):
        """What accompanies each read, as the fields of `hw.readout.payloads.tag`."""
        s = self.settings
        return [{"first": int(k == 0), "last": int(k == s.reads - 1), "bank": self.bank,
                 "shift": s.shift, "relu": int(s.relu), "output_bits": s.output_bits}
                for k in range(s.reads)]


def random_results(config, rng, count):
    """Two banks of coefficients, and ``count`` results of random settings on either of them."""
    banks = [Coefficients.random(config, rng) for _ in range(2)]
    bits, columns = config.readout.counter_bits, config.array.columns
    results = []
    for k in range(count):
        reads = config.nmpu.max_reads if k == 1 else int(rng.integers(1, 4))
        settings = Settings(
            reads=min(reads, config.nmpu.max_reads), relu=bool(rng.integers(2)),
            shift=int(rng.integers(1 << config.nmpu.shift_bits)),
            output_bits=int(rng.choice([n for n in (8, 6, 4) if n <= config.nmpu.output_bits])))
        shape = (settings.reads, 2, columns)
        counts = rng.integers(0, 1 << bits, shape) >> rng.integers(0, bits, shape)
        bank = int(rng.integers(2))
        results.append(Result(settings=settings, bank=bank, counts=counts,
                              wanted=process(counts, banks[bank], settings, config)))
    return banks, results
