"""Slews of a mapped netlist, by OpenSTA's delay calculation."""

import subprocess

from tb.synth.mapping import CELLS

__all__ = ["parse_slews", "read_slews"]

_SCRIPT = """\
read_liberty {cells}
read_verilog {top}.v
link_design {top}
set_cmd_units -time ns -capacitance fF
create_clock -name clk -period {period} [get_ports clk]
set inputs {{}}
foreach port [all_inputs] {{
    if {{[get_property $port full_name] ne "clk"}} {{ lappend inputs $port }}
}}
set_input_delay 0 -clock clk $inputs
set_driving_cell -lib_cell {driver} $inputs
set_load {load:.4g} [all_outputs]
report_checks -unconstrained -format end
puts "== slews"
foreach cell [get_cells -hierarchical *] {{
    if {{[get_property $cell liberty_cell] eq "NULL"}} {{ continue }}
    foreach pin [get_pins -of_objects $cell] {{
        if {{[get_property $pin direction] ne "input"}} {{ continue }}
        puts "[get_full_name $pin] [get_property $pin actual_rise_transition_max]\\
            [get_property $pin actual_fall_transition_max]"
    }}
}}
puts "== end"
"""


def read_slews(*, top, library, period_ns, folder):
    """Slew of every input of every cell, the mean of rising and falling.

    The clock comes without a driver, so its slew is 0.

    Returns
    -------
    dict
        ns by ``instance/pin``; instances inside others are named ``outer.inner``.

    Raises
    ------
    RuntimeError
        If OpenSTA finds an error.
    """
    (folder / "slews.tcl").write_text(_SCRIPT.format(
        cells=CELLS, top=top, period=period_ns, driver=library.driver, load=library.load_ff))
    result = subprocess.run(["sta", "-no_splash", "-exit", "slews.tcl"], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode or "== end" not in result.stdout:
        raise RuntimeError(f"OpenSTA gave no slews of {top}: {result.stdout.strip()[-200:]}")
    return parse_slews(result.stdout.split("== slews")[1].split("== end")[0])


def parse_slews(text):
    """Lines ``outer/inner/pin rise fall``, nanoseconds."""
    slews = {}
    for line in text.strip().splitlines():
        name, rise, fall = line.split()
        instance, _, pin = name.replace("\\", "").rpartition("/")
        slews[f"{instance.replace('/', '.')}/{pin}"] = (float(rise) + float(fall)) / 2
    return slews
