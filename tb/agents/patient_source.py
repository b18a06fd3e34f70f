"""A source of the x stream that sleeps while the stream waits.

That of cocotbext-axi wakes in every clock in which it offers a beat, which takes most of a run in
which the tile takes a vector now and then.
"""

import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import FallingEdge, RisingEdge

__all__ = ["PatientSource"]


class PatientSource:
    """Sends vectors to the x stream of ``sim_models/tile_bench.v``, one after the other.

    Nobody else may send to the stream meanwhile.

    Parameters
    ----------
    dut
        The handle of ``tile_bench``.
    config : TileConfig

    Attributes
    ----------
    first_taken : int or None
        Clock in which the first beat of the last `send` was taken.
    """

    def __init__(self, dut, config):
        self._dut, self._size = dut, config.stream.x_bits // 8
        self.first_taken = None

    async def send(self, vectors):
        """Vectors of signed bytes, each in whole beats."""
        dut, self.first_taken = self._dut, None
        await RisingEdge(dut.clk)
        for vector in vectors:
            data = np.asarray(vector, np.int8).tobytes()
            for start in range(0, len(data), self._size):
                stop = start + self._size
                dut.x_tdata.value = int.from_bytes(data[start:stop], "little")
                dut.x_tlast.value = int(stop >= len(data))
                dut.x_tvalid.value = 1
                await FallingEdge(dut.clk)
                if not int(dut.x_tready.value):
                    await RisingEdge(dut.x_tready)
                await RisingEdge(dut.clk)
                if self.first_taken is None:
                    self.first_taken = int(get_sim_time("ns")) - 1
        dut.x_tvalid.value = 0
