"""The ports of a component, as its Verilog names them."""

from dataclasses import dataclass

from amaranth.hdl import Value
from amaranth.lib.wiring import In

__all__ = ["Port", "ports_of"]


@dataclass(frozen=True, kw_only=True)
class Port:
    """Members: ``name``, ``width`` in bits, and ``is_input``."""

    name: str
    width: int
    is_input: bool


def ports_of(component):
    """The ports of a component in the order of its signature, clock and reset first.

    The parts of a name are joined by two underscores: member ``tdata`` of ``x`` is ``x__tdata``.
    What has no bits is no port.

    Parameters
    ----------
    component : Component
        With one clock domain, ``sync``.

    Returns
    -------
    list of Port
    """
    own = [Port(name="__".join(map(str, path)), width=len(Value.cast(value)),
                is_input=member.flow == In)
           for path, member, value in component.signature.flatten(component)]
    clock = [Port(name=name, width=1, is_input=True) for name in ("clk", "rst")]
    return clock + [port for port in own if port.width]
