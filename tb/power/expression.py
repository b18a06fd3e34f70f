"""Boolean expressions of a Liberty file, evaluated on arrays."""

import re

from tb.synth.liberty import with_ands

__all__ = ["Expression"]

_PIN = re.compile(r"[A-Za-z_]\w*")
_ALLOWED = re.compile(r"[\w&|^~()]+")


class Expression:
    """An expression over pins: ``!`` and ``'`` negate, ``&``, ``*`` and a space join, ``|`` and
    ``+`` separate.

    Parameters
    ----------
    text : str
        Such as ``!CK & D``.

    Members
    -------
    pins : tuple of str
        Sorted.

    Raises
    ------
    ValueError
        If it is no such expression.
    """

    def __init__(self, text):
        self.pins = tuple(sorted(set(_PIN.findall(text))))
        python = _python(text)
        try:
            if not self.pins or not _ALLOWED.fullmatch(python):
                raise SyntaxError
            self._code = compile(python, "<liberty>", "eval")
        except SyntaxError:
            raise ValueError(f"an expression must be one of pins, not {text!r}") from None

    def __call__(self, values):
        """Its value from those of the pins by name: arrays of bool, or of words of bits."""
        return eval(self._code, {"__builtins__": {}}, values)


def _python(text):
    """The expression with the operators of arrays."""
    text = re.sub(r"\s", "", with_ands(text)).replace("!", "~").replace("*", "&").replace("+", "|")
    changed = 1
    while changed:
        text, changed = re.subn(r"([A-Za-z_]\w*|\([^()']*\))'", r"(~\1)", text)
    return text
