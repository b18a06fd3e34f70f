"""Every register and memory behind the bus of a tile at rest: what each access must answer."""

import numpy as np

from golden.descriptors import WORDS
from golden.nmpu import Coefficients
from golden.program.settings import PLACES, ProgramSettings
from golden.registers import (
    CHANNEL_BASES,
    COEFFICIENT_BASE,
    COEFFICIENTS,
    DESCRIPTOR_BASE,
    PROGRAM_BASE,
    PROGRAM_KEY,
    SATURATED_BASE,
    SUM_BASE,
    VECTOR_BASE,
    WINDOW_BITS,
    pack,
    unpack,
    vector_words,
)
from golden.registers.chain import CHAIN
from golden.registers.program import PROGRAM
from tb.bits import mask, signed
from tb.cases.program_registers import changed
from tb.cases.register_model import RegisterModel

__all__ = ["VOLATILE", "TileModel"]

VOLATILE = ("STATUS", "READS", "RESULTS", "WINDOW", "SATURATIONS", "PROBE_COUNTS", "DRIFT_STATUS",
            "DRIFT_COUNTS", "STATISTICS", "CHAIN_STATUS", "JOBS", "FAULT", "PROGRAM_RESULT",
            "PROGRAM_CELLS", "PROGRAM_CONVERGED", "PROGRAM_FAILED", "PROGRAM_PULSES")
"""Registers that show what the tile did: they are taken over from it when it is at rest."""

FIELD_BITS = [sum(mask(f.width) << f.low for f in word) for word in WORDS]


class TileModel(RegisterModel):
    """All of `golden.registers.PAGES`, and the windows."""

    def __init__(self, config):
        super().__init__(config)
        self._free = {"LOOPS", "WATCHDOG", "PROGRAM_KEY"}
        self._more = {r.offset: r for page in (PROGRAM, CHAIN) for r in page.registers}
        self._program = ProgramSettings.of(config)
        self._show_program()
        self.descriptors = {}
        """Words, by descriptor and number; those never written are 0."""
        self.wrong = set()
        """Descriptors, and places of coefficients, that were written with wrong parity."""
        self.saturated = None
        self.sums = None
        """Of the last measurement; `None`: not known."""

    def register(self, address):
        """The register at an address, or `None`."""
        return self._at.get(address) or self._more.get(address)

    def allows(self, address, data):
        """Whether a register takes a word; nothing changes."""
        register = self.register(address)
        return register is not None and register.writable and self._legal(
            register.name, unpack(register.name, data))

    def read(self, address):
        page = address >> WINDOW_BITS
        register = self._more.get(address)
        if register:
            return False, pack(register.name, **self.fields[register.name])
        if DESCRIPTOR_BASE <= address < PROGRAM_BASE:
            place = self._descriptor(address)
            return (True, 0) if place is None else (False, self.descriptors.get(place, 0))
        known = {SUM_BASE: self.sums, **dict.fromkeys(CHANNEL_BASES.values())}
        for base, words in known.items():
            if page == base >> WINDOW_BITS:
                column = self._column(address)
                return (True, 0) if column is None else (
                    False, words[column] & mask(32) if words is not None else None)
        if page == SATURATED_BASE >> WINDOW_BITS:
            return (False, self.saturated) if self._saturated(address) else (True, 0)
        return super().read(address)

    def write(self, address, data, strobe=0b1111):
        register = self._more.get(address)
        if strobe == 0b1111:
            if register:
                return self._write(register, data)
            if DESCRIPTOR_BASE <= address < PROGRAM_BASE:
                place = self._descriptor(address)
                if place is not None and self._locked(place[0]):
                    return True
                if place is not None:
                    self.descriptors[place] = data & FIELD_BITS[place[1]]
                    self._parity(place)
                return place is None
            if address >> WINDOW_BITS == SATURATED_BASE >> WINDOW_BITS:
                if self._saturated(address) and self.saturated is not None:
                    self.saturated &= ~data
                return not self._saturated(address)
            if address >> WINDOW_BITS == VECTOR_BASE >> WINDOW_BITS:
                return not self._vector(address)
            if self.register(address) and self.register(address).name == "PROBE" and (
                    self.allows(address, data)):
                self.fields["PROBE_COUNTS"] = {"p": 0, "n": 0}
            if COEFFICIENT_BASE <= address < DESCRIPTOR_BASE:
                refused = super().write(address, data)
                if not refused:
                    self._parity(self._coefficient(address))
                return refused
        return super().write(address, data, strobe)

    def _parity(self, place):
        if self.fields["CONTROL"]["bad_parity"]:
            self.wrong.add(place)
        else:
            self.wrong.discard(place)

    def words(self, first, last):
        """Those of descriptors, as `golden.chain_checker` takes them."""
        return [[self.descriptors.get((k, word), 0) for word in range(len(WORDS))]
                for k in range(last + 1)]

    def bank(self, number):
        """The coefficients in a bank, or `None` if they are not known or one is wrong."""
        columns = range(self._config.array.columns)
        values = {}
        for name in COEFFICIENTS:
            words = [self.coefficients.get((number, c, COEFFICIENTS.index(name))) for c in columns]
            if None in words or any((number, c, COEFFICIENTS.index(name)) in self.wrong
                                    for c in columns):
                return None
            values[name] = np.array([signed(word, 32) for word in words], np.int64)
        return Coefficients(
            scale=np.stack([values["scale_p"], values["scale_n"]]),
            offset=np.stack([values["offset_p"], values["offset_n"]]),
            norm_scale=values["norm_scale"], norm_bias=values["norm_bias"])

    def _write(self, register, data):
        name, written = register.name, unpack(register.name, data)
        if not register.writable or not self._legal(name, written):
            return True
        if name == "PROGRAM_KEY":
            self.fields[name] = {"key": int(data == PROGRAM_KEY)}
        elif name in PLACES:
            self._program = changed(self._program, name, written)
            self._show_program()
        else:
            self.fields[name] |= {f.name: written[f.name] for f in register.fields
                                  if f.access == "rw"}
        return False

    def _legal(self, name, written):
        if name == "CHAIN":
            return not self.pins["running"] and not (written["start"] and (
                self.pins["busy"] or self.fields["CONTROL"]["run"]))
        if name in PLACES:
            try:
                changed(self._program, name, written).validate(self._config)
            except ValueError:
                return False
            return not self.pins["programming"]
        if name in self._free:
            return True
        return super()._legal(name, written)

    def _show_program(self):
        settings = self._program.values()
        for register, names in PLACES.items():
            self.fields[register] = {field: settings[name] for field, name in names.items()}

    def _descriptor(self, address):
        entry, word = divmod(address - DESCRIPTOR_BASE, 32)
        return None if address % 4 or entry >= self._config.control.descriptors or (
            word // 4 >= len(WORDS)) else (entry, word // 4)

    def _locked(self, entry):
        chain = self.fields["CHAIN"]
        return self.pins["running"] and chain["first"] <= entry <= chain["last"]

    def _column(self, address):
        column = address % (1 << WINDOW_BITS) // 4
        return None if address % 4 or column >= self._config.array.columns else column

    def _saturated(self, address):
        return address % 4 == 0 and address % (1 << WINDOW_BITS) // 4 < -(
            -self._config.array.columns // 32)

    def _vector(self, address):
        vector = address % (1 << WINDOW_BITS) // 4 // vector_words(self._config.array.rows)
        return address % 4 == 0 and vector < self._config.drift.vectors
