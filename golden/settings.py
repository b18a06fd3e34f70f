"""What a tile may be told from one result to the next."""

from dataclasses import dataclass
from numbers import Integral

from golden.array.modes import read_mode as mode_of
from golden.config import VECTOR_BITS
from golden.formats import RESIDUAL_SCALE_BITS, NmpuFormats

__all__ = ["Settings", "most_reads"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may change from one result to the next.

    Parameters
    ----------
    reads : int
        Vectors accumulated before one result is emitted.
    shift : int
        Bits rounded off the normalised number.
    relu : bool
        Negative numbers become 0.
    output_bits : int
        Width of the result: 8, 6 or 4.
    input_bits : int
        Width of the inputs: 8, 6 or 4.
    read_mode : str
        How a vector is read: one of `golden.array.modes.READ_MODES`.
    bypass : bool
        Normalisation is left out: scale 1 and bias 0.
    residual : bool
        A byte of the residual stream is added to each normalised number.
    residual_scale, residual_shift : int
        What it counts: ``residual_scale << residual_shift``, raw in the normalised format.
    relu_first : bool
        Negative numbers become 0 before the residual is added.
    """

    reads: int = 1
    shift: int = 0
    relu: bool = False
    output_bits: int = 8
    input_bits: int = 8
    read_mode: str = "one_phase"
    bypass: bool = False
    residual: bool = False
    residual_scale: int = 0
    residual_shift: int = 0
    relu_first: bool = False

    @property
    def mode(self):
        """The `golden.array.modes.ReadMode` of a vector."""
        return mode_of(self.read_mode, input_bits=self.input_bits)

    @property
    def weights(self):
        """Weights of the counts of one vector, read by read."""
        return [1 << shift for shift in self.mode.shifts for _ in range(self.mode.phases)]

    def validate(self, config):
        """`ValueError` naming the setting that a tile of ``config`` would refuse."""
        for name, allowed in (
                ("read_mode", config.drive.read_modes),
                ("input_bits", [n for n in VECTOR_BITS if n <= config.drive.input_bits]),
                ("shift", range(1 << config.nmpu.shift_bits)),
                ("output_bits", [n for n in VECTOR_BITS if n <= config.nmpu.output_bits]),
                ("residual_scale", range(1 << RESIDUAL_SCALE_BITS)),
                ("residual_shift", range(1 + NmpuFormats.of(config).residual_shift))):
            if not _among(getattr(self, name), allowed):
                raise ValueError(f"{name} must be in {allowed}, not {getattr(self, name)!r}")
        if self.residual and not config.nmpu.residual:
            raise ValueError("residual must be False without nmpu.residual, not True")
        most = most_reads(config, read_mode=self.read_mode, input_bits=self.input_bits)
        if not _among(self.reads, range(1, most + 1)):
            raise ValueError(f"reads must be from 1 to {most} in {self.read_mode} of "
                             f"{self.input_bits}-bit inputs, not {self.reads!r}")


def _among(value, allowed):
    # 1.0 and True are in range(2) too.
    return isinstance(value, (str, Integral)) and not isinstance(value, bool) and value in allowed


def most_reads(config, *, read_mode, input_bits):
    """Vectors that one result may accumulate: their weights together are within ``max_reads``."""
    return config.nmpu.max_reads // mode_of(read_mode, input_bits=input_bits).weight
