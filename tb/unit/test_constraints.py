"""Constraints of a tile: every port once, in every preset; OpenSTA reads them without a word."""

# amaranth: UnusedElaboratable=no

import re
import subprocess

import pytest
from amaranth.hdl import Value

from golden.presets import PRESETS
from hw.constraints import TEMPLATE, tile_constraints
from hw.tile import Tile
from tb.synth.liberty import LibertyError
from tb.synth.libraries import find_library
from tb.synth.timing import MISSING, has_sta


def widths(config):
    """Widths of the tile's ports by name, read off the signature; the clock is not among them."""
    tile = Tile(config)
    ports = {"__".join(path): len(Value.cast(value))
             for path, _, value in tile.signature.flatten(tile)}
    return {"rst": 1} | {name: width for name, width in ports.items() if width}


def constraints(config):
    return tile_constraints(Tile(config), counter_bits=config.readout.counter_bits)


def lists(text):
    return {name: words.split() for name, words in
            re.findall(r"^set (\w+) \{([^}]*)\}$", text, re.MULTILINE)}


@pytest.mark.parametrize("name", PRESETS)
def test_every_port_once(name):
    found = lists(constraints(PRESETS[name]))
    assert found.keys() == {"inputs", "outputs", "oscillators"}
    assert sorted(sum(found.values(), [])) == sorted(
        port if width == 1 else f"{port}[*]" for port, width in widths(PRESETS[name]).items())
    assert bool(found["oscillators"]) == (PRESETS[name].readout.front_end == "oscillator")


def test_exceptions_have_their_reasons():
    """After a comment, or after another exception with the same reason."""
    lines = TEMPLATE.read_text().splitlines()
    for at, line in enumerate(lines):
        if "set_false_path" in line or "set_multicycle_path" in line:
            assert lines[at - 1].lstrip().startswith(("#", line.split()[0]))
    assert "set_clock_groups" not in TEMPLATE.read_text()


def netlist(config):
    """A tile of ports and counters alone, the later bits clocked by either output."""
    osc = config.readout.front_end == "oscillator"
    inputs = lists(constraints(config))
    ports, cells = ["input clk"], []
    for name, width in widths(config).items():
        way = "output" if {name, f"{name}[*]"} & set(inputs["outputs"]) else "input"
        ports.append(f"{way} [{width - 1}:0] {name}" if width > 1 else f"{way} {name}")
    for polarity in "pn" if osc else "":
        for k in range(config.counters):
            counter, clock = f"p_{polarity}_{k}", f"oscillators__{polarity}[{k}]"
            for bit in range(config.readout.counter_bits):
                q, qn = (f"{counter}_{bit}_{pin}" for pin in ("q", "qn"))
                cells.append(f"  wire {q}, {qn};\n  DFFR_X1 \\{counter}.bit_{bit}_reg "
                             f"(.CK({clock}), .D({qn}), .RN(rst), .Q({q}), .QN({qn}));")
                clock = (q, qn)[k % 2]
    names = ", ".join(port.split()[-1] for port in ports)
    declarations = "".join(f"  {port};\n" for port in ports)
    return f"module tile({names});\n{declarations}" + "\n".join(cells) + "\nendmodule\n"


def read_by_opensta(config, sdc, folder):
    """What OpenSTA said, and the constraints as it wrote them."""
    if not has_sta():
        pytest.skip(MISSING)
    try:
        library = find_library("nangate45")
    except LibertyError as error:
        pytest.skip(str(error))
    (folder / "tile.v").write_text(netlist(config))
    (folder / "run.tcl").write_text(
        f"read_liberty {{{library.path}}}\nread_verilog tile.v\nlink_design tile\n"
        f"puts ==\nsource {{{sdc}}}\ncheck_setup -no_clock -no_input_delay\n"
        "puts ==\nwrite_sdc read.sdc\n")
    log = subprocess.run(["sta", "-no_splash", "-exit", "run.tcl"], cwd=folder, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout
    return log.split("==\n")[1], (folder / "read.sdc").read_text()


@pytest.mark.parametrize("of", ["exported", "template"])
@pytest.mark.parametrize("name", PRESETS)
def test_opensta_reads_it(name, of, tmp_path):
    config = PRESETS[name]
    exported = tmp_path / "tile.sdc"
    exported.write_text(constraints(config))
    said, read = read_by_opensta(config, exported if of == "exported" else TEMPLATE, tmp_path)
    assert said == ""
    given = re.findall(r"^set_(in|out)put_delay 0\.2500 .*\[get_ports \{(.*?)\}\]$", read,
                       re.MULTILINE)
    bits = {f"{port}[{k}]" if width > 1 else port: port.partition("__")[0]
            for port, width in widths(config).items() for k in range(width)}
    assert sorted(port for _, port in given) == sorted(
        bit for bit, member in bits.items() if member != "oscillators")
    clocks = dict(re.findall(r"^create_clock -name (\w+) (?:.|\\\n)*?\[(get_(?:.|\\\n)*?)\]$",
                             read, re.MULTILINE))
    if config.readout.front_end == "count":
        assert clocks.keys() == {"clk"}
        return
    assert clocks.keys() == {"clk", "oscillators", "ripple"}
    pairs = 2 * config.counters
    assert len(re.findall(r"oscillators__[pn]", clocks["oscillators"])) == pairs
    assert len(re.findall(r"_reg/CK", clocks["ripple"])) == pairs * (
        config.readout.counter_bits - 1)


def test_a_port_without_a_rule_is_told(tmp_path):
    sdc = tmp_path / "tile.sdc"
    sdc.write_text(constraints(PRESETS["tiny"]).replace(" trigger", ""))
    said, _ = read_by_opensta(PRESETS["tiny"], sdc, tmp_path)
    assert said == "Warning: There is 1 input port missing set_input_delay.\n"
    sdc.write_text(constraints(PRESETS["tiny"]).replace(" trigger", " triger"))
    said, _ = read_by_opensta(PRESETS["tiny"], sdc, tmp_path)
    assert "port 'triger' not found" in said
