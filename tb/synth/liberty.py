"""What synthesis needs to know of a standard-cell library: a reader of Liberty files."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tb.synth.clock_gate import read_clock_gate

__all__ = ["Group", "LibertyError", "Library", "capacitance_unit", "parse", "read_library",
           "with_ands"]

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
# Nine tenths of a library are tables.
_TABLE = re.compile(r"\b(?:values|index_\d)\s*\([^)]*\)\s*;?")
_TOKEN = re.compile(r'"[^"]*"|[{}();:]|[^\s{}();:"]+')
_NAND2 = re.compile(r"!\(\w+&\w+\)|\(\w+&\w+\)'|!\w+\+!\w+|\(!\w+\)\+\(!\w+\)|\w+'\+\w+'")
_INVERTER = re.compile(r"!\w+|!\(\w+\)|\w+'|\(\w+\)'")
_FEMTO = {"ff": 1.0, "pf": 1e3, "nf": 1e6}
"""Units of capacitance in fF."""
FAN_OUT = 4
"""Small inverters that load an output: the load of the FO4 delay, the usual unit of gate delay."""


class LibertyError(ValueError):
    """A file that cannot be used as a library; the text is one line for the user."""


@dataclass
class Group:
    """One `kind (arguments) { ... }` of a Liberty file."""

    kind: str
    arguments: tuple
    attributes: dict = field(default_factory=dict)
    groups: list = field(default_factory=list)

    def all(self, kind):
        """The groups of one kind directly inside."""
        return [group for group in self.groups if group.kind == kind]

    @property
    def name(self):
        """The first argument; `LibertyError` if there is none."""
        if not self.arguments:
            raise LibertyError(f"a {self.kind} has no name")
        return self.arguments[0]

    def number(self, attribute):
        """An attribute as a number, 0 without it; `LibertyError` if it is none."""
        value = self.attributes.get(attribute, "0")
        try:
            return float(value)
        except (TypeError, ValueError):
            raise LibertyError(f"{attribute} of the {self.kind} {self.name} must be a number, "
                               f"not {value!r}") from None


@dataclass(frozen=True, kw_only=True)
class Library:
    """A standard-cell library.

    Members
    -------
    label : str
        What it is called here and in the budgets.
    name : str
        What it calls itself.
    path : Path
    flops : frozenset of str
        Cells with a flip-flop inside.
    data_pins : frozenset of (str, str)
        These cells, and clock gates, and their inputs that are neither clock nor reset.
    nand2_area : float
        Of the smallest NAND with two inputs, the unit of gate equivalents; um2.
    driver : str
        The buffer that drives inputs: the smallest but one, as the smallest is the weakest of all.
    load_ff : float
        Load of outputs: `FAN_OUT` of the smallest inverters; fF.
    cells : int
        Number of cells.
    gates_clocks : bool
        It has clock gates for flip-flops of the rising edge.
    """

    label: str
    name: str
    path: Path
    flops: frozenset
    data_pins: frozenset
    nand2_area: float
    driver: str
    load_ff: float
    cells: int
    gates_clocks: bool = False


def parse(text, *, tables=False):
    """Read the text of a Liberty file.

    Parameters
    ----------
    text : str
    tables : bool
        With the tables, one row of ``values`` after the other; else they are left out.

    Returns
    -------
    Group
        The library.

    Raises
    ------
    LibertyError
        If it does not hold exactly one library, or ends within it.
    """
    text = _COMMENT.sub("", text).replace("\\\n", " ")
    tokens = iter(_TOKEN.findall(text if tables else _TABLE.sub("", text)))
    root = Group("", ())
    try:
        _fill(root, tokens, inside=False)
    except RecursionError:
        raise LibertyError("its groups are nested too deep") from None
    if len(root.groups) != 1 or root.groups[0].kind != "library":
        raise LibertyError("it does not hold one library")
    return root.groups[0]


def _fill(group, tokens, *, inside):
    """Read statements into a group, up to its closing brace."""
    words = []
    for token in tokens:
        if token == "}":
            if not inside:
                raise LibertyError("a brace closes that was not opened")
            return
        if token == "(":
            arguments = _until(tokens, ")")
            if words:
                words = [words[-1], tuple(arguments)]
        elif token == "{":
            if len(words) != 2:
                raise LibertyError("a group has no name")
            child = Group(words[0], words[1])
            group.groups.append(child)
            _fill(child, tokens, inside=True)
            words = []
        elif token == ":" and len(words) >= 1:
            group.attributes[words[-1]] = " ".join(_until(tokens, ";"))
            words = []
        elif token == ";":
            _complex(group, words)
            words = []
        else:
            # A complex attribute may end without a semicolon.
            _complex(group, words)
            words = [token]
    if inside:
        raise LibertyError("it ends within a group")


def _complex(group, words):
    if len(words) == 2:
        group.attributes[words[0]] = words[1]


def _until(tokens, end):
    found = []
    for token in tokens:
        if token == end:
            return [word.strip('"') for part in found for word in part.split(",") if word]
        found.append(token)
    raise LibertyError(f"it ends before a {end!r}")


def with_ands(function):
    """A function with the ands that are a space in it, and no space around it."""
    return re.sub(r"(?<=[\w)'])\s+(?=[\w(!])", "&", function.strip())


def _function(cell):
    """The function of a gate with one output, written one way; empty for any other cell."""
    outputs = [pin for pin in cell.all("pin") if "function" in pin.attributes]
    if len(outputs) != 1 or "three_state" in outputs[0].attributes or cell.all("latch"):
        return ""
    text = with_ands(outputs[0].attributes["function"])
    text = text.replace(" ", "").replace("*", "&").replace("|", "+")
    while re.fullmatch(r"\([^()]*\)|\(!\([^()]*\)\)|\(\([^()]*\)'\)", text):
        text = text[1:-1]
    return text


def _data_pins(cell):
    """What a flip-flop stores, or what opens a clock gate."""
    gate = read_clock_gate(cell)
    return {*(name for ff in cell.all("ff")
              for name in re.findall(r"[A-Za-z_]\w*", ff.attributes.get("next_state", ""))),
            *(gate.enables if gate else ())}


def read_library(path, *, label):
    """Read a library and check that a design can be mapped to it.

    Raises
    ------
    LibertyError
        If the file cannot be read, is no Liberty file, or lacks a cell that mapping needs.
    """
    try:
        group = parse(Path(path).read_text(encoding="utf-8", errors="strict"))
        return _library(group, Path(path).resolve(), label)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LibertyError(f"the library must be a readable Liberty file with flip-flops, "
                           f"not {path}: {reason}") from None


def _library(group, path, label):
    areas, inverters, kinds = {}, {}, {"nand2": [], "buffer": [], "inverter": []}
    flops, data_pins = set(), set()
    for cell in group.all("cell"):
        name, function = cell.name, _function(cell)
        data_pins |= {(name, pin) for pin in _data_pins(cell)}
        areas[name] = cell.number("area")
        if cell.all("ff"):
            flops.add(name)
        elif _NAND2.fullmatch(function):
            kinds["nand2"].append(name)
        elif _INVERTER.fullmatch(function):
            kinds["inverter"].append(name)
            inverters[name] = sum(pin.number("capacitance") for pin in cell.all("pin")
                                  if "function" not in pin.attributes)
        elif re.fullmatch(r"[A-Za-z_]\w*", function) and "CLK" not in name.upper():
            kinds["buffer"].append(name)
    for kind, found in {**kinds, "flip-flop": flops}.items():
        if not found:
            raise LibertyError(f"it has no {kind}")

    def by_area(kind):
        return sorted(kinds[kind], key=lambda name: (areas[name], name))

    buffers = by_area("buffer")
    return Library(
        label=label, name=group.name, path=path, flops=frozenset(flops),
        data_pins=frozenset(data_pins),
        nand2_area=areas[by_area("nand2")[0]], driver=buffers[min(1, len(buffers) - 1)],
        load_ff=FAN_OUT * inverters[by_area("inverter")[0]] * capacitance_unit(group),
        cells=len(areas),
        gates_clocks=any(cell.attributes.get("clock_gating_integrated_cell") == "latch_posedge"
                         for cell in group.all("cell")))


def capacitance_unit(library):
    """The unit of capacitance of a library, a `Group`, in fF."""
    given = library.attributes.get("capacitive_load_unit", ("1", "pf"))
    try:
        scale, unit = given
        return float(scale) * _FEMTO[unit.lower()]
    except (ValueError, KeyError):
        raise LibertyError(f"capacitive_load_unit must be a number and one of {', '.join(_FEMTO)}, "
                           f"not {given!r}") from None
