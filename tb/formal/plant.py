"""A mistake, planted into a block for as long as it takes to build it."""

import contextlib
import inspect
import sys
import textwrap
from dataclasses import dataclass

__all__ = ["Plant", "planted"]

_BUILDERS = ("hw.", "tb.")


@dataclass(frozen=True)
class Plant:
    """One line of a block, written wrong.

    Members
    -------
    block : type
        The class of the block.
    right : str
        What its source says; exactly once.
    wrong : str
        What it says instead.
    """

    block: type
    right: str
    wrong: str

    def grow(self):
        """The class with the mistake.

        Raises
        ------
        ValueError
            If the source does not hold ``right`` exactly once.
        """
        source = textwrap.dedent(inspect.getsource(self.block))
        found = source.count(self.right)
        if found != 1:
            raise ValueError(f"{self.block.__name__} must hold {self.right!r} once to be mutated, "
                             f"not {found} times")
        names = dict(vars(sys.modules[self.block.__module__]))
        code = compile(source.replace(self.right, self.wrong), f"<planted {self}>", "exec")
        exec(code, names)
        return names[self.block.__name__]


@contextlib.contextmanager
def planted(plant):
    """Builds with the mistake whatever is built meanwhile; with None, as it is."""
    if plant is None:
        yield
        return
    mutant = plant.grow()
    places = [(module, name) for key, module in list(sys.modules.items())
              if key.startswith(_BUILDERS) for name, value in vars(module).items()
              if value is plant.block]
    for module, name in places:
        setattr(module, name, mutant)
    try:
        yield
    finally:
        for module, name in places:
            setattr(module, name, plant.block)
