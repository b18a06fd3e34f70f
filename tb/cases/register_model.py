"""What every access must answer, from the register map."""

from golden.registers import COEFFICIENT_BASE, COEFFICIENTS, REGISTERS, STICKY, pack, unpack
from golden.settings import Settings
from hw.nmpu.coefficients import coefficient_format
from tb.bits import mask
from tb.cases.register_file import PINS

__all__ = ["RegisterModel"]

WHOLE = 0b1111
COUNTERS = {"read_captured": "READS", "result_sent": "RESULTS"}


class RegisterModel:
    """The state behind the bus, changed by accesses and by the tile's pins."""

    def __init__(self, config):
        self._config = config
        self._at = {r.offset: r for r in REGISTERS.values()}
        self.fields = {name: unpack(name, pack(name)) for name in REGISTERS}
        self.fields["SHAPE"] = {"rows": config.array.rows, "columns": config.array.columns}
        self.fields["UNIT"] = {"lanes": config.nmpu.lanes, "max_reads": config.nmpu.max_reads}
        self.fields["SETTINGS"] |= {"output_bits": config.nmpu.output_bits,
                                    "input_bits": config.drive.input_bits}
        self.coefficients = {}
        self.pins = dict.fromkeys(PINS, 0)
        self.swaps = 0

    def set(self, pin, value):
        """The tile holds a pin at a level."""
        self.pins[pin] = value
        fields = {"swap_pending": ("CONTROL", "swap"), "bank": ("STATUS", "bank"),
                  "busy": ("STATUS", "busy")}
        if pin in fields:
            register, field = fields[pin]
            self.fields[register][field] = value
        elif value:
            self.fields["STATUS"][pin] = 1

    def pulse(self, pin, clocks):
        """The tile raises a pin for some clocks."""
        if pin in COUNTERS:
            count = self.fields[COUNTERS[pin]]
            count["count"] = min(count["count"] + clocks, mask(32))
        else:
            self.fields["STATUS"][pin] = 1

    def outputs(self):
        """What the registers tell the rest of the tile."""
        enabled = self.fields["IRQ_ENABLE"]
        return {"run": self.fields["CONTROL"]["run"], "reached": 1 - self.pins["bank"],
                "irq": int(any(enabled[f.name] and self.fields["STATUS"][f.name]
                               for f in STICKY))}

    def read(self, address):
        """(refused, data)."""
        if address >= COEFFICIENT_BASE:
            place = self._coefficient(address)
            return (True, 0) if place is None else (False, self.coefficients.get(place))
        if address not in self._at:
            return True, 0
        name = self._at[address].name
        return False, pack(name, **self.fields[name])

    def write(self, address, data, strobe=WHOLE):
        """Whether the write is refused; if not, do it."""
        if strobe != WHOLE:
            return True
        if address >= COEFFICIENT_BASE:
            return self._write_coefficient(address, data)
        register = self._at.get(address)
        if register is None or not register.writable:
            return True
        written = unpack(register.name, data)
        if register.name == "SETTINGS":
            try:
                Settings(**written).validate(self._config)
            except ValueError:
                return True
        held = self.fields[register.name]
        for f in register.fields:
            if f.access == "rw":
                held[f.name] = written[f.name]
            elif f.access == "w1c" and written[f.name] and not self.pins[f.name]:
                held[f.name] = 0
            elif f.access == "w1s":
                self.swaps += written[f.name]
        return False

    def _coefficient(self, address):
        """Bank, column and word of an address; `None` if the access is not allowed."""
        column, word = (address - COEFFICIENT_BASE) // 32, address // 4 % 8
        if (address % 4 or column >= self._config.array.columns or word >= len(COEFFICIENTS)
                or self.pins["swap_pending"]):
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
