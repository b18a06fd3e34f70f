"""The registers of chains of jobs, and of faults."""

from golden.faults import FAULTS
from golden.refusals import Refusal
from golden.registers.entries import Field, Page, Register

__all__ = ["CHAIN", "CHAIN_BASE", "WATCHDOG_BITS"]

CHAIN_BASE = 0x13000
"""Registers from here on are those of chains of jobs, and of faults."""

WATCHDOG_BITS = 24
"""Width of the time after which a macro that does not answer is a fault."""

CHAIN = Page(CHAIN_BASE, (
    Register("CHAIN", CHAIN_BASE, (
        Field("first", 0, 8, "rw", 0, "Descriptor of the first job."),
        Field("last", 8, 8, "rw", 0, "Descriptor of the last one."),
        Field("start", 31, 1, "w1s", 0, "Check the descriptors and run their jobs; reads 1 until "
                                        "all are done. Refused while anything runs."),
    ), "A chain of jobs; refused while one runs. A rising edge of the trigger starts it too."),
    Register("LOOPS", CHAIN_BASE + 0x4, (
        Field("loops", 0, 32, "rw", 1, "How often the chain runs; 0: until CONTROL.recover."),
    ), "Taken over when a chain starts."),
    Register("CHAIN_STATUS", CHAIN_BASE + 0x8, (
        Field("refusal", 0, 5, "ro", 0, "Why the last chain was refused: " + ", ".join(
            f"{k} {k.name.lower()}" for k in Refusal) + "."),
        Field("at", 8, 8, "ro", 0, "Descriptor that was refused."),
        Field("current", 16, 8, "ro", 0, "Descriptor whose vectors are asked for, or were last."),
    ), "How far the chain is."),
    Register("JOBS", CHAIN_BASE + 0xC, (
        Field("count", 0, 32, "ro", 0, "Jobs complete since reset; stays at its maximum."),
    ), "Progress of chains."),
    Register("WATCHDOG", CHAIN_BASE + 0x10, (
        Field("clocks", 0, WATCHDOG_BITS, "rw", 1 << 16, "A macro that lets a conversion or pulse "
                                                         "wait longer is a fault; 0: never."),
    ), "When waiting is a fault."),
    Register("FAULT", CHAIN_BASE + 0x14, (
        Field("code", 0, 4, "ro", 0, "Of the first fault since CONTROL.recover: " + ", ".join(
            f"{k} {name}" for k, name in enumerate(FAULTS)) + "."),
    ), "Why the tile is in its safe state."),
))
