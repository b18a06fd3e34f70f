"""What every access must answer, from the register map."""

from golden.array.modes import READ_MODES
from golden.drift.engine import METHODS
from golden.drift.measure import INPUTS
from golden.drift.statistics import MOST_RESULTS
from golden.formats import NmpuFormats
from golden.registers import (
    CHAIN_BASE,
    CHANNEL_BASES,
    COEFFICIENT_BASE,
    COEFFICIENTS,
    DESCRIPTOR_BASE,
    DRIFT_BASE,
    MOST_REPEATS,
    PROGRAM_BASE,
    REGISTERS,
    SATURATED_BASE,
    STICKY,
    SUM_BASE,
    VECTOR_BASE,
    WINDOW_BITS,
    pack,
    unpack,
)
from golden.registers.drift import DRIFT
from golden.registers.tile import TILE
from golden.settings import Settings
from hw.control.settings import measurement, settings
from hw.nmpu.coefficients import coefficient_format
from tb.bits import encode, mask
from tb.cases.register_file import PINS, PULSES

__all__ = ["HERE", "RegisterModel"]

HERE = {r.name: r for page in (TILE, DRIFT) for r in page.registers}
"""Registers of the file; those of the drift engine only with an engine."""

WHOLE = 0b1111
COUNTERS = {"read_captured": "READS", "result_sent": "RESULTS",
            "count_full": "SATURATIONS"}


class RegisterModel:
    """The state behind the bus, changed by accesses and by the tile's pins."""

    def __init__(self, config):
        self._config = config
        self._at = {r.offset: r for page in (TILE, DRIFT) if page.present(config)
                    for r in page.registers}
        self.fields = {name: unpack(name, pack(name)) for name in REGISTERS}
        self.fields["SHAPE"] = {"rows": config.array.rows, "columns": config.array.columns}
        self.fields["UNIT"] = {"lanes": config.nmpu.lanes, "max_reads": config.nmpu.max_reads}
        readout = config.readout
        self.fields["READOUT"] = {
            "counter_bits": readout.counter_bits, "counter_banks": readout.counter_banks,
            "columns_per_counter": config.blocks, "reference_bits": readout.reference_bits,
            "settle_clocks": readout.settle_clocks if readout.front_end == "oscillator" else 0}
        self.fields["SETTINGS"] |= {"output_bits": config.nmpu.output_bits,
                                    "input_bits": config.drive.input_bits}
        self.coefficients = {}
        self.pins = dict.fromkeys(PINS, 0)
        self.pulses = dict.fromkeys(PULSES, 0)

    def set(self, pin, value):
        """The tile holds a pin at a level."""
        self.pins[pin] = value
        fields = {"swap_pending": ("CONTROL", "swap"), "bank": ("STATUS", "bank"),
                  "busy": ("STATUS", "busy"), "running": ("STATUS", "running"),
                  "safe": ("STATUS", "safe"), "window_clocks": ("WINDOW", "clocks"),
                  "probe_p": ("PROBE_COUNTS", "p"), "probe_n": ("PROBE_COUNTS", "n"),
                  "refusal": ("DRIFT_STATUS", "refusal"),
                  "exponents": ("DRIFT_STATUS", "exponents"), "gain": ("DRIFT_STATUS", "gain")}
        if pin == "gain":  # its highest bits
            value >>= max(self._config.drift.gain.width - 16, 0)
        if pin in fields:
            register, field = fields[pin]
            self.fields[register][field] = value
        elif value and pin not in ("rewriting", "drift_busy", "flush", "programming"):
            raise ValueError(f"{pin} is an event")
        self.fields["CONTROL"]["recover"] = int(self.pins["flush"] and not self.pins["safe"])
        if self.pins["flush"]:
            self.fields["MEASURE"]["start"] = 0

    def pulse(self, pin, clocks):
        """The tile raises a pin for some clocks."""
        if pin in COUNTERS:
            count = self.fields[COUNTERS[pin]]
            if count["count"] is not None:
                count["count"] = min(count["count"] + clocks, mask(32))
        if pin in self.fields["STATUS"]:
            self.fields["STATUS"][pin] = 1
        if pin == "measured":
            self.fields["MEASURE"]["start"] = 0
        if pin == "chain_measure":
            self.fields["MEASURE"]["start"] = 1
            self.pulses["measure"] += clocks
        drift, counts = self.fields["DRIFT"], self.fields["DRIFT_COUNTS"]
        if pin == "calibrated":
            drift["measure"] = 0
        for name, field in (("drift_updated", "updates"), ("drift_refused", "refusals")):
            if pin == name:
                drift["update"] = 0
                if counts[field] is not None:
                    counts[field] = min(counts[field] + clocks, mask(16))
        if pin == "batch_done":
            self.fields["STATISTICS"]["start"] = 0

    def event(self, pin):
        """The tile raises a pin for an unknown number of clocks."""
        self.pulse(pin, 1)
        if pin in COUNTERS:
            self.fields[COUNTERS[pin]]["count"] = None
        counted = {"drift_updated": "updates", "drift_refused": "refusals"}
        if pin in counted:
            self.fields["DRIFT_COUNTS"][counted[pin]] = None

    def outputs(self):
        """What the registers tell the rest of the tile."""
        enabled, written = self.fields["IRQ_ENABLE"], self.fields["SETTINGS"]
        told = {**self.fields["MEASURE"], **self.fields["REFERENCE"]}
        del told["start"]
        residual = {f"residual_{name}": value for name, value in self.fields["RESIDUAL"].items()}
        return {"settings": encode(settings(self._config), {**written, **residual}),
                "measurement": encode(measurement(self._config), told),
                "probe_column": self.fields["PROBE"]["column"],
                **{name: self.fields["CONTROL"][name] for name in ("run", "bad_parity")},
                "reached": 1 - self.pins["bank"],
                "irq": int(any(enabled[f.name] and self.fields["STATUS"][f.name]
                               for f in STICKY))}

    def read(self, address):
        """(refused, data)."""
        if COEFFICIENT_BASE <= address < DESCRIPTOR_BASE:
            place = self._coefficient(address)
            return (True, 0) if place is None else (False, self.coefficients.get(place))
        if address not in self._at:
            self.pulses["elsewhere"] += self._elsewhere(address)
            return True, 0
        name = self._at[address].name
        held = self.fields[name]
        return False, None if None in held.values() else pack(name, **held)

    def write(self, address, data, strobe=WHOLE, *, event=None):
        """Whether the write is refused; if not, do it. An ``event`` comes in the same clock."""
        if strobe != WHOLE:
            return True
        if COEFFICIENT_BASE <= address < DESCRIPTOR_BASE:
            return self._write_coefficient(address, data)
        register = self._at.get(address)
        if register is None:
            self.pulses["elsewhere"] += self._elsewhere(address)
        if register is None or not register.writable:
            return True
        written = unpack(register.name, data)
        if not self._legal(register.name, written):
            return True
        held = self.fields[register.name]
        for f in register.fields:
            if f.access == "rw":
                held[f.name] = written[f.name]
            elif f.access == "w1c" and written[f.name] and f.name != event:
                held[f.name] = 0
        if register.name == "CONTROL":
            for name in ("swap", "recover"):
                self.pulses[name] += written[name]
        if register.name == "MEASURE":
            self.pulses["measure"] += written["start"]
            held["start"] = int(written["start"] and not self.pins["flush"])
        if register.name == "DRIFT":
            for name in ("measure", "update", "abort"):
                self.pulses[f"drift_{name}"] += written[name]
            held["measure"] |= written["measure"]
            held["update"] |= written["update"]
        if register.name == "STATISTICS":
            self.pulses["batch"] += written["start"]
            held["start"] = written["start"]
        self.pulses["probe_clear"] += register.name == "PROBE"
        return False

    def _legal(self, name, written):
        """Whether a register takes what is written."""
        top = mask(self._config.readout.reference_bits)
        measuring = self.fields["MEASURE"]["start"] or self.pins["programming"]
        if name == "SETTINGS":
            try:
                Settings(**{**written, "read_mode": READ_MODES[written["read_mode"]]}).validate(
                    self._config)
            except ValueError:
                return False
        if name == "CONTROL":
            return not (written["swap"] and self.pins["rewriting"]
                        or written["run"] and self.pins["running"])
        if name == "RESIDUAL":
            return written["shift"] <= NmpuFormats.of(self._config).residual_shift
        if REGISTERS[name].offset >= DRIFT_BASE:
            return self._legal_drift(name, written)
        if name == "PROBE":
            return written["column"] < self._config.array.columns
        if name == "REFERENCE":
            return not measuring and written["code"] <= top and written["step"] <= top
        if name == "MEASURE":
            code, step = self.fields["REFERENCE"]["code"], self.fields["REFERENCE"]["step"]
            repeats = written["repeats"]
            return (not measuring and 1 <= repeats <= MOST_REPEATS
                    and code + step * (repeats - 1) <= top)
        return True

    def _legal_drift(self, name, written):
        drift, busy, held = self._config.drift, self.pins["drift_busy"], self.fields["DRIFT"]
        if name == "CALIBRATION":
            return (not busy and written["kind"] < len(INPUTS)
                    and 1 <= written["repeats"] <= drift.max_repeats)
        if name == "DRIFT" and busy:
            return bool(written["abort"] and not written["measure"] and not written["update"]
                        and all(written[f] == held[f] for f in ("method", "stored")))
        if name == "DRIFT":
            return (written["method"] < len(METHODS) and 1 <= written["stored"] <= drift.vectors
                    and not (written["measure"]
                             and (written["update"] or self.pins["programming"])))
        if name == "STATISTICS":
            return (not self.fields[name]["start"]
                    and 1 <= written["results"] <= MOST_RESULTS)
        return name != "DRIFT_MINIMUM" or not busy

    def _elsewhere(self, address):
        """Whether an address is in a page that is not here."""
        pages = [SATURATED_BASE, SUM_BASE, VECTOR_BASE, *CHANNEL_BASES.values(), PROGRAM_BASE,
                 CHAIN_BASE, *range(DESCRIPTOR_BASE, PROGRAM_BASE, 1 << WINDOW_BITS)]
        pages += [] if self._config.drift.engine else [DRIFT_BASE]
        return address >> WINDOW_BITS in [base >> WINDOW_BITS for base in pages]

    def _coefficient(self, address):
        """Bank, column and word of an address; `None` if the access is not allowed."""
        column, word = (address - COEFFICIENT_BASE) // 32, address // 4 % 8
        if (address % 4 or column >= self._config.array.columns or word >= len(COEFFICIENTS)
                or self.pins["swap_pending"] or self.pins["rewriting"]):
            return None
        return 1 - self.pins["bank"], column, word

    def _write_coefficient(self, address, data):
        place = self._coefficient(address)
        if place is None:
            return True
        value = data - (1 << 32) if data >> 31 else data
        if not coefficient_format(self._config, COEFFICIENTS[place[2]]).holds(value, value):
            return True
        self.coefficients[place] = data
        return False
