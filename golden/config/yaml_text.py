"""A tree of dataclasses as YAML, and back."""

import dataclasses

import yaml

from golden.config.checks import ConfigError, check_choice
from golden.qformat import QFormat
from golden.requantise import Rounding

__all__ = ["read_yaml", "write_yaml"]


def read_yaml(cls, text):
    """Make the root of a tree of dataclasses; fields that are left out keep their defaults.

    Raises
    ------
    ConfigError
        On unreadable YAML, an unknown key, a wrong type or a value that is not allowed.
    """
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"not readable as YAML: {' '.join(str(error).split())}") from None
    return cls(**_sections(cls, tree or {}, where=""))


def write_yaml(root):
    """The whole tree, every field spelled out."""
    return yaml.safe_dump({
        section.name: {f.name: _plain(getattr(getattr(root, section.name), f.name))
                       for f in dataclasses.fields(section.default_factory)}
        for section in dataclasses.fields(root)}, sort_keys=False)


def _plain(value):
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, int) else str(value)


def _sections(cls, tree, *, where):
    known = {f.name: f for f in dataclasses.fields(cls)}
    if not isinstance(tree, dict):
        raise ConfigError(f"{where or 'the configuration'} must be a mapping of "
                          f"{', '.join(known)}, not {tree!r}")
    values = {}
    for key, value in tree.items():
        name = f"{where}.{key}" if where else str(key)
        if key not in known:
            raise ConfigError(f"unknown key {name}: allowed are {', '.join(known)}")
        values[key] = _value(known[key], value, name)
    return values


def _value(f, value, name):
    if dataclasses.is_dataclass(f.default_factory):
        return f.default_factory(**_sections(f.default_factory, value or {}, where=name))
    if f.type is QFormat:
        try:
            return QFormat.parse(value)
        except ValueError as error:
            raise ConfigError(f"{name}: {error}") from None
    if f.type is Rounding:
        check_choice(name, value, tuple(Rounding))
        return Rounding(value)
    return value
