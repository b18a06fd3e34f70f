"""What is proven of a block is said in a wrapper around it."""

from amaranth.hdl import Assume, Cat, Module, Mux, Signal, Value
from amaranth.lib.wiring import In

__all__ = ["Wrapper"]


class Wrapper:
    """Blocks whose inputs are free, what is assumed of the inputs, and what is required.

    An input that the wrapper does not drive takes any value in any clock, and so does the reset.
    A property therefore covers whatever happens at ports that it does not name.

    Attributes
    ----------
    m : Module
        For what a property drives or remembers; its registers are reset with the blocks.
    ports : list of Value
        Inputs of the blocks, and free values.
    """

    def __init__(self):
        self.m = Module()
        self.ports = []
        self._count = 0
        self.required, self._reached = [], []

    def add(self, block, name="block"):
        """Put a block into the wrapper; it is returned."""
        self.m.submodules[name] = block
        self.ports += [Value.cast(value) for _, member, value in block.signature.flatten(block)
                       if member.flow is In]
        return block

    def open(self, block, name="block"):
        """Put a block into the wrapper; its parts are returned, to be looked at."""
        inside = block.elaborate(None)
        block.elaborate = lambda platform: inside
        self.add(block, name)
        return inside.submodules

    def free(self, shape, name):
        """Anything, in every clock."""
        signal = Signal(shape, name=name)
        self.ports.append(Value.cast(signal))
        return signal

    def fixed(self, shape, name):
        """Anything, and the same in every clock."""
        chosen = self.free(shape, f"{name}_chosen")
        held = Signal.like(chosen, name=f"{name}_held", reset_less=True)
        started = Signal(name=f"{name}_started", reset_less=True)
        value = Signal.like(chosen, name=name)
        self.m.d.sync += started.eq(1)
        self.m.d.sync += held.eq(value)
        self.m.d.comb += value.eq(Mux(started, held, chosen))
        return value

    def before(self, value, *, init=0):
        """The value in the clock before; ``init`` in the first one after a reset."""
        value = Value.cast(value)
        past = Signal(value.shape(), name=self._name("before"), init=init)
        self.m.d.sync += past.eq(value)
        return past

    def counted(self, comes, goes, *, most):
        """How many have come and not gone; never fewer than none, and never more than ``most``."""
        count = Signal(range(most + 2), name=self._name("counted"))
        self.m.d.sync += count.eq(count + _flag(comes) - _flag(goes))
        self.require((count != 0) | ~_flag(goes))
        self.require(count <= most)
        return count

    def assume(self, condition, *, when=1):
        """Leave out every run in which ``condition`` is ever 0 while ``when`` is 1."""
        self.m.d.comb += Assume(~_flag(when) | _flag(condition))

    def require(self, condition, *, when=1):
        """Demand ``condition`` in every clock in which ``when`` is 1."""
        self.required.append(~_flag(when) | _flag(condition))

    def reach(self, condition):
        """Name something that must be possible, or the property says nothing."""
        seen = Signal(name=self._name("seen"), reset_less=True)
        now = Signal.like(seen, name=self._name("seen_now"))
        self.m.d.comb += now.eq(seen | _flag(condition))
        self.m.d.sync += seen.eq(now)
        self._reached.append(now)

    @property
    def reached(self):
        """Everything named has happened."""
        return Cat(self._reached).all()

    def _name(self, stem):
        self._count += 1
        return f"{stem}_{self._count}"


def _flag(condition):
    return Value.cast(condition).bool()
