"""cocotb tests for the runner: one that holds, one that does not."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge


async def _start(dut):
    dut.rst.value = 1
    Clock(dut.clk, 10, unit="ns").start(start_high=False)
    await RisingEdge(dut.clk)
    dut.rst.value = 0
    dut.i.value = 3


@cocotb.test(timeout_time=1, timeout_unit="us")
async def accumulates(dut):
    await _start(dut)
    for total in (3, 6, 9):
        await RisingEdge(dut.clk)
        await ReadOnly()
        assert dut.o.value.to_unsigned() == total


@cocotb.test(timeout_time=1, timeout_unit="us")
async def expects_too_much(dut):
    await _start(dut)
    await RisingEdge(dut.clk)
    await ReadOnly()
    assert dut.o.value.to_unsigned() == 4
