"""A program of the bus: accesses and pin changes, written down with what they must answer.

Its steps are ``Access``, ``("set", pin, level)``, ``("pulse", pin, clocks)``, ``("look", outputs)``
and, at the end, ``("pulses", counts)``: clocks in which an output was high.
"""

from dataclasses import dataclass

from golden.registers import REGISTERS
from tb.cases.register_model import WHOLE, RegisterModel

__all__ = ["Access", "Program"]


@dataclass(frozen=True)
class Access:
    """A write, a read, or both at once, of different addresses.

    Parameters
    ----------
    write : (address, data, strobe, refused) or None
    read : (address, refused, data) or None
        ``data`` is None where nothing is known of it.
    event : str or None
        A pin that is high up to the clock in which the write takes effect, and no longer.
    """

    write: tuple | None = None
    read: tuple | None = None
    event: str | None = None


class Program:
    """Steps, written down with what the model says to each."""

    def __init__(self, config):
        self.model = RegisterModel(config)
        self.steps = []

    def write(self, address, data, strobe=WHOLE):
        refused = self.model.write(address, data, strobe)
        self.steps += [Access(write=(address, data, strobe, refused)),
                       ("look", self.model.outputs())]
        return refused

    def read(self, address):
        self.steps.append(Access(read=(address, *self.model.read(address))))

    def read_all(self):
        for register in REGISTERS.values():  # those of a drift engine that is not there too
            self.read(register.offset)

    def both(self, address, data, read_address):
        read = (read_address, *self.model.read(read_address))
        self.steps.append(Access(write=(address, data, WHOLE, self.model.write(address, data)),
                                 read=read))

    def collide(self, address, data, event):
        self.model.event(event)
        refused = self.model.write(address, data, event=event)
        self.steps.append(Access(write=(address, data, WHOLE, refused), event=event))

    def set(self, pin, level):
        self.model.set(pin, level)
        self.steps.append(("set", pin, level))

    def pulse(self, pin, clocks=1):
        self.model.pulse(pin, clocks)
        self.steps.append(("pulse", pin, clocks))
