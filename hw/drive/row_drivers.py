"""All rows, started together."""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from golden.config import VECTOR_BITS
from hw.drive.row_driver import RowDriver

__all__ = ["SHARED", "RowDrivers", "RowPins"]

SHARED = ("active", "mask", "level", "drive_positive", "drive_negative")
"""What all rows are told alike."""


class RowPins(wiring.Signature):
    """What the array sees of its rows.

    Parameters
    ----------
    rows : int

    Members
    -------
    pulse : Out(rows)
        The row's line is driven.
    negative : Out(rows)
        Polarity of the pulse; steady throughout a window.
    """

    def __init__(self, rows):
        super().__init__({"pulse": Out(rows), "negative": Out(rows)})


class RowDrivers(wiring.Component):
    """A `RowDriver` per row.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    load : In(1)
        Take ``x`` at the end of the clock.
    x : In(ArrayLayout(signed(8), rows))
    single : In(1)
        Take instead the largest input for row ``row``, and 0 for every other.
    row : In(range(rows))
    input_bits : In(4)
        Width of the inputs being loaded: 8, 6 or 4.
    active, drive_positive, drive_negative : In(1)
    mask, level : In(7)
        See `RowDriver`.
    pins : Out(RowPins(rows))
        One clock after those, from flip-flops.
    clipped : Out(1)
        An input being loaded is clipped.
    """

    def __init__(self, config):
        self._config = config
        rows = config.array.rows
        super().__init__({
            "load": In(1),
            "x": In(data.ArrayLayout(signed(8), rows)),
            "single": In(1), "row": In(range(rows)),
            "input_bits": In(4),
            "active": In(1),
            "mask": In(7), "level": In(7),
            "drive_positive": In(1), "drive_negative": In(1),
            "pins": Out(RowPins(rows)),
            "clipped": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        limit = Signal(7)
        with m.Switch(self.input_bits):
            for bits in VECTOR_BITS:
                with m.Case(bits):
                    m.d.comb += limit.eq((1 << (bits - 1)) - 1)

        drivers = [RowDriver() for _ in range(self._config.array.rows)]
        for row, driver in enumerate(drivers):
            m.submodules[f"row_{row}"] = driver
            m.d.comb += [
                driver.load.eq(self.load),
                driver.x.eq(Mux(self.single, Mux(self.row == row, limit, 0), self.x[row])),
                driver.limit.eq(limit),
                *(getattr(driver, name).eq(getattr(self, name)) for name in SHARED),
                self.pins.pulse[row].eq(driver.pulse),
                self.pins.negative[row].eq(driver.negative),
            ]
        m.d.comb += self.clipped.eq(self.load & Cat(d.clipped for d in drivers).any())
        return m
