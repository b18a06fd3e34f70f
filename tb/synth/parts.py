"""Cuts a design at the modules that stay modules: each is mapped by itself, and equal ones once."""

import hashlib
import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass

__all__ = ["Part", "Shared", "split_parts"]

_MODULE = re.compile(r"(?:^attribute .*\n)*^module \\(\S+)\n(?:.*\n)*?end\n", re.MULTILINE)
_PORT = re.compile(r"^  wire .*\b(?:input|output) \d+ .*\n", re.MULTILINE)
_NAMED = re.compile(r"^(module|  cell) \\(\S+)", re.MULTILINE)
_CELL = re.compile(r"^  cell \\(\S+) ", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Members: ``name`` of its module; ``text``, RTLIL of it, of all that is flattened into it, and
    the outlines of the parts in it; ``inside``, the names of those."""

    name: str
    text: str
    inside: tuple


def split_parts(text, *, top, kept):
    """Return the parts of a design, every one after those that it has inside; the top is the last.

    Those below the top are named ``part_<hash>_<instance>`` by what they are, so that they have
    the same name and text in whatever design they are found.

    Parameters
    ----------
    text : str
        RTLIL, with modules named ``<top>_<instance>``.
    top : str
    kept : sequence of str
        Modules that stay modules.
    """
    modules = {match[1]: match[0] for match in _MODULE.finditer(text)}
    names = {name: f"part{name.removeprefix(top)}" if name.startswith(f"{top}_") else name
             for name in modules}
    parts = {}

    def visit(module):
        """Make the part of a module, after those in it."""
        own, inside, waiting = [module], [], [module]
        while waiting:
            for child in dict.fromkeys(_CELL.findall(modules[waiting.pop()])):
                if child not in modules or child in own or child in inside:
                    continue
                if child in kept:
                    inside.append(child)
                    if child not in parts:
                        visit(child)
                else:
                    own.append(child)
                    waiting.append(child)
        body = _NAMED.sub(lambda match: f"{match[1]} \\{names.get(match[2], match[2])}", "".join(
            [*(modules[name] for name in own), *(_outline(modules[name]) for name in inside)]))
        if module != top:
            number, plain = hashlib.sha256(body.encode()).hexdigest()[:8], names[module]
            names[module] = plain.replace("part_", f"part_{number}_", 1)
            body = body.replace(f"module \\{plain}\n", f"module \\{names[module]}\n", 1)
        parts[module] = Part(name=names[module], text=body,
                             inside=tuple(names[name] for name in inside))

    visit(top)
    return list(parts.values())


def _outline(module):
    """A module's ports alone."""
    return "attribute \\blackbox 1\n{}{}end\n".format(
        re.search(r"^module .*\n", module, re.MULTILINE)[0], "".join(_PORT.findall(module)))


class Shared:
    """What several threads want, each thing made by the first of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._made = {}

    def all(self, makers):
        """Return a list of what is made, from a dict of callables by a key of what they make.

        What another thread is making is waited for last.
        """
        for key, make in makers.items():
            with self._lock:
                if key in self._made:
                    continue
                future = self._made[key] = Future()
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
                raise
        return [self._made[key].result() for key in makers]
