"""What is proven of a block is said in a wrapper around it."""

from amaranth.hdl import Assert, Assume, Cat, Module, Mux, Signal, Value
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
        # Added at the end, outside of any `If` of the property.
        self._comb, self._sync = [], []
        self._required, self._reached = [], []

    def add(self, block, name="block"):
        """Put a block into the wrapper; it is returned.

        Its inputs are not to be driven, or they would count as outputs, and outputs as failures:
        `assume` that two signals are the same to connect them.
        """
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
        self._sync.append(started.eq(1))
        self._sync.append(held.eq(value))
        self._comb.append(value.eq(Mux(started, held, chosen)))
        return value

    def before(self, value, *, init=0):
        """The value in the clock before; ``init`` in the first one after a reset."""
        value = Value.cast(value)
        past = Signal(value.shape(), name=self._name("before"), init=init)
        self._sync.append(past.eq(value))
        return past

    def counted(self, comes, goes, *, most):
        """How many have come and not gone; never fewer than none, and never more than ``most``."""
        count = Signal(range(most + 2), name=self._name("counted"))
        self._sync.append(count.eq(count + _flag(comes) - _flag(goes)))
        self.require((count != 0) | ~_flag(goes))
        self.require(count <= most)
        return count

    def assume(self, condition, *, when=1):
        """Leave out every run in which ``condition`` is ever 0 while ``when`` is 1."""
        self._comb.append(Assume(~_flag(when) | _flag(condition)))

    def require(self, condition, *, when=1):
        """Demand ``condition`` in every clock in which ``when`` is 1."""
        self._required.append(~_flag(when) | _flag(condition))

    def reach(self, condition):
        """Name something that must be possible, or the property says nothing."""
        seen = Signal(name=self._name("seen"), reset_less=True)
        now = Signal.like(seen, name=self._name("seen_now"))
        self._comb.append(now.eq(seen | _flag(condition)))
        self._sync.append(seen.eq(now))
        self._reached.append(now)

    def finish(self, of):
        """The module; it asserts what is ``required``, or that not all is ``reached``."""
        asserted = self._required if of == "required" else [~Cat(self._reached).all()]
        self.m.d.comb += [*self._comb, *(Assert(condition) for condition in asserted)]
        self.m.d.sync += self._sync
        return self.m

    @property
    def complete(self):
        """Whether something is required and something is to be reached."""
        return bool(self._required and self._reached)

    def _name(self, stem):
        self._count += 1
        return f"{stem}_{self._count}"


def _flag(condition):
    return Value.cast(condition).bool()
