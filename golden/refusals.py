"""Why a chain of jobs is not run."""

from enum import IntEnum

__all__ = ["Refusal"]


class Refusal(IntEnum):
    """By the code of register CHAIN_STATUS: the field at fault, of the first such descriptor."""

    NONE = 0
    RANGE = 1
    PARITY = 2
    KIND = 3
    SOURCE = 4
    DESTINATION = 5
    RESUME = 6
    SUMS = 7
    BANK = 8
    REPEAT = 9
    ROWS = 10
    COLUMNS = 11
    SHIFT = 12
    OUTPUT_BITS = 13
    INPUT_BITS = 14
    READ_MODE = 15
    READS = 16
    RESIDUAL = 17
    ACTIVATIONS = 18
    LOCKED = 19
