"""What the parts of the programming engine, and the tile around it, tell each other."""

from amaranth.hdl import signed
from amaranth.lib import data, enum, wiring
from amaranth.lib.wiring import In, Out

from golden.array.verify import VerifySettings
from golden.program.formats import ProgramFormats
from golden.program.settings import CURRENT_BITS, LENGTH_BITS, MOST_WINDOWS, PRECHARGE_BITS
from hw.readout.payloads import group_range

__all__ = ["Kind", "ProgramPins", "ProgramSums", "job", "progress", "pulse", "settings"]


class Kind(enum.Enum, shape=2):
    """Which pulse."""

    RESET = 0
    SET = 1
    LOOP = 2


def settings():
    """What the registers hold: see `golden.program.settings.ProgramSettings`."""
    return data.StructLayout({
        "max_rounds": 8,
        "windows": range(MOST_WINDOWS + 1),
        "margin": 12,
        "low": CURRENT_BITS,
        "high": CURRENT_BITS,
        "start": CURRENT_BITS,
        "gain": VerifySettings().gain_format.width,
        "precharge": PRECHARGE_BITS,
        "reset_clocks": LENGTH_BITS,
        "reset_ua": CURRENT_BITS,
        "set_clocks": LENGTH_BITS,
        "set_trailing": LENGTH_BITS,
        "set_ua": CURRENT_BITS,
        "pulse_clocks": LENGTH_BITS,
    })


def job(config):
    """The rectangle to program: rows, and groups of ``nmpu.lanes`` columns."""
    return data.StructLayout({
        "first_row": range(config.array.rows),
        "rows": range(config.array.rows + 1),
        "first_group": group_range(config),
        "last_group": group_range(config),
    })


def progress():
    """Events of a job, each in one clock, for those who count them.

    ``begin``: a job starts; ``converged``, ``failed``, ``pulsed``: a cell; ``row``: one is done, in
    ``rounds`` rounds; ``clipped``: a target; ``surplus``: a beat of targets.
    """
    return data.StructLayout({
        "begin": 1, "converged": 1, "failed": 1, "pulsed": 1, "row": 1, "rounds": 8,
        "clipped": 1, "surplus": 1})


def heads_members(config):
    """What the write heads are told of one pulse, beside its length."""
    heads = config.program.heads
    return {
        "row": range(config.array.rows),
        # The range of a number is never empty of bits.
        "group": range(max(config.array.columns // heads, 2)),
        "fire": heads,
        "negative": heads,
        **({"device": heads} if config.program.devices == 2 else {}),
        "current": data.ArrayLayout(CURRENT_BITS, heads),
    }


def pulse(config):
    """A pulse to be given: `heads_members` and its ``kind``."""
    return data.StructLayout({**heads_members(config), "kind": Kind})


class ProgramPins(wiring.Signature):
    """Pins of the write heads, all from flip-flops.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    row : Out(range(rows))
    group : Out(range(columns / heads))
        Head ``h`` is at column ``h + heads * group``.
    fire : Out(heads)
        The current flows.
    trailing : Out(1)
        It falls slowly; ``fire`` is still high.
    negative : Out(heads)
        Into the device of the minus side, otherwise of the plus side.
    device : Out(heads)
        Which of two, with ``program.devices`` 2.
    current : Out(ArrayLayout(12, heads))
        In µA. All of these are steady from two clocks before ``fire`` to one after it.
    ready : In(1)
        The heads are ready; looked at from the second clock of a new description.
    """

    def __init__(self, config):
        super().__init__({**{name: Out(shape) for name, shape in heads_members(config).items()},
                          "trailing": Out(1), "ready": In(1)})


class ProgramSums(wiring.Signature):
    """Sums of a verify read, seen from the side that asks.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    column : Out(range(columns))
    sum : In(signed)
        Counts of P less those of N of the column of the clock before.
    """

    def __init__(self, config):
        super().__init__({
            "column": Out(range(config.array.columns)),
            "sum": In(signed(ProgramFormats.of(config).sum.fmt.width))})
