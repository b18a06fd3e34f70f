"""Checks of single fields; a refusal names the field, the value and what is allowed."""

from golden.qformat import QFormat

__all__ = ["ConfigError", "check_choice", "check_flag", "check_format", "check_integer"]


class ConfigError(ValueError):
    """A configuration that cannot be built."""


def check_integer(name, value, low, high):
    """Refuse what is no integer in ``low``..``high``."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigError(f"{name} must be an integer from {low} to {high}, not {value!r}")
    if not low <= value <= high:
        raise ConfigError(f"{name} must be from {low} to {high}, not {value}")


def check_choice(name, value, allowed):
    """Refuse what is not one of a few, with their type."""
    if type(value) not in {type(a) for a in allowed} | {str} or value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}")


def check_flag(name, value):
    """Refuse what is not true or false."""
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be true or false, not {value!r}")


def check_format(name, value, *, signed):
    """Refuse what is no number format with or without a sign."""
    wanted = "S(i,f)" if signed else "U(i,f)"
    if not isinstance(value, QFormat) or value.signed != signed:
        shown = str(value) if isinstance(value, QFormat) else repr(value)
        raise ConfigError(f"{name} must be a format {wanted}, not {shown}")
