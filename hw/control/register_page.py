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
    late : tuple of str
        Registers whose rule is known, and which are written, in the clock after the access: of
        these ``legal`` is given the fields in the clock of the access, and answers in the next.

    Attributes
    ----------
    values : dict of dict of Signal
        What each field holds, or shows.
    writes : dict of dict of Value
        What is being written.
    written : dict of Signal
        A write takes effect in this clock, with ``writes``.
    """

    def __init__(self, m, bus, registers, *, legal, resets, late=()):
        self.values = {name: {f.name: Signal(
            f.width, name=f"{name}_{f.name}", init=resets.get(name, {}).get(f.name, f.reset))
            for f in register.fields} for name, register in registers.items()}
        fields = {name: {f.name: bus.data[f.low:f.low + f.width] for f in register.fields}
                  for name, register in registers.items()}
        self.writes = {**fields, **{name: {
            f.name: Signal(f.width, name=f"held_{name}_{f.name}") for f in registers[name].fields}
            for name in late}}
        self.written = {name: Signal(name=f"write_{name}") for name in registers}

        lawful = {name: legal(name, fields[name], self.values) & register.writable
                  for name, register in registers.items()}
        asked = {name: Signal(name=f"asked_{name}") for name in late}
        allowed = Signal()
        refused = Signal()
        refused_late = Signal()
        answer = Signal(32)
        registered = Signal(32)
        with m.Switch(bus.address):
            for name, register in registers.items():
                with m.Case(register.offset):
                    m.d.comb += [answer[f.low:f.low + f.width].eq(self.values[name][f.name])
                                 for f in register.fields]
                    # A register waits for its own rule alone: some of them take long.
                    m.d.comb += [
                        asked[name].eq(bus.access & bus.write), allowed.eq(1),
                    ] if name in late else [
                        self.written[name].eq(bus.access & bus.write & lawful[name]),
                        allowed.eq(~bus.write | lawful[name]),
                    ]
        for name in late:
            waits = Signal(name=f"waits_{name}")
            m.d.sync += [waits.eq(asked[name]),
                         *(held.eq(fields[name][f]) for f, held in self.writes[name].items())]
            m.d.comb += self.written[name].eq(waits & lawful[name])
            with m.If(waits & ~lawful[name]):
                m.d.comb += refused_late.eq(1)
        m.d.sync += [refused.eq(~allowed), registered.eq(answer)]
        m.d.comb += [bus.refused.eq(refused | refused_late),
                     bus.read.eq(Mux(bus.refused, 0, registered))]

        for name, register in registers.items():
            with m.If(self.written[name]):
                m.d.sync += [self.values[name][f.name].eq(self.writes[name][f.name])
                             for f in register.fields if f.access == "rw"]
