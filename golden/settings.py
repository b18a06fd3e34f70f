"""What a tile may be told from one result to the next."""

from dataclasses import dataclass

from golden.config import VECTOR_BITS

__all__ = ["Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may change from one result to the next.

    Parameters
    ----------
    reads : int
        Reads accumulated before one result is emitted.
    shift : int
        Bits rounded off the normalised number.
    relu : bool
        Negative numbers become 0.
    output_bits : int
        Width of the result: 8, 6 or 4.
    input_bits : int
        Width of the inputs: 8, 6 or 4.
    """

    reads: int = 1
    shift: int = 0
    relu: bool = False
    output_bits: int = 8
    input_bits: int = 8

    def validate(self, config):
        """`ValueError` naming the setting that a tile of ``config`` would refuse."""
        for name, allowed in (
                ("reads", range(1, config.nmpu.max_reads + 1)),
                ("shift", range(1 << config.nmpu.shift_bits)),
                ("output_bits", [n for n in VECTOR_BITS if n <= config.nmpu.output_bits]),
                ("input_bits", [n for n in VECTOR_BITS if n <= config.drive.input_bits])):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be in {allowed}, not {getattr(self, name)!r}")
