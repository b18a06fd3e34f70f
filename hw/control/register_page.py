"""Registers of `golden.registers` behind a `RegisterBus`: decoding, storage and answers."""

from amaranth.hdl import Mux, Signal

__all__ = ["RegisterPage"]


class RegisterPage:
    """Builds registers into a module; what fields other than ``rw`` do is left to the caller.

    Parameters
    ----------
    m : Module
    bus : RegisterBus
        As seen from the registers.
    registers : dict of str to golden.registers.Register
    legal : callable
        (name, fields written, all values) to whether such a write is allowed.
    resets : dict
        Reset values, ``resets[register][field]``, where they are not those of the description.

    Attributes
    ----------
    values : dict of dict of Signal
        What each field holds, or shows.
    writes : dict of dict of Value
        What is being written.
    written : dict of Signal
        A write takes effect in this clock.
    """

    def __init__(self, m, bus, registers, *, legal, resets):
        self.values = {name: {f.name: Signal(
            f.width, name=f"{name}_{f.name}", init=resets.get(name, {}).get(f.name, f.reset))
            for f in register.fields} for name, register in registers.items()}
        self.writes = {name: {f.name: bus.data[f.low:f.low + f.width] for f in register.fields}
                       for name, register in registers.items()}
        self.written = {name: Signal(name=f"write_{name}") for name in registers}

        allowed = Signal()
        refused = Signal()
        answer = Signal(32)
        registered = Signal(32)
        with m.Switch(bus.address):
            for name, register in registers.items():
                with m.Case(register.offset):
                    # A register waits for its own rule alone: some of them take long.
                    lawful = legal(name, self.writes[name], self.values) & register.writable
                    m.d.comb += [
                        allowed.eq(~bus.write | lawful),
                        self.written[name].eq(bus.access & bus.write & lawful),
                        *(answer[f.low:f.low + f.width].eq(self.values[name][f.name])
                          for f in register.fields),
                    ]
        m.d.sync += [refused.eq(~allowed), registered.eq(answer)]
        m.d.comb += [bus.refused.eq(refused), bus.read.eq(Mux(refused, 0, registered))]

        for name, register in registers.items():
            with m.If(self.written[name]):
                m.d.sync += [self.values[name][f.name].eq(self.writes[name][f.name])
                             for f in register.fields if f.access == "rw"]
