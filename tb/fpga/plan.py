"""What one run places and routes."""

from tb.fpga.devices import DEVICES, find_device
from tb.synth.blocks import choose_blocks

__all__ = ["DEFAULT", "plan", "smaller"]

DEFAULT = {
    "tiny": ("combine", "requantise", "published_lane", "lane", "sequencer", "nmpu", "tile"),
    "small": ("nmpu",),
}
"""Blocks by preset of the run that narrows nothing: what two cores do in a quarter of an hour."""

_SMALLER = {("nmpu", "small"): ("nmpu", "tiny")}


def smaller(job):
    """A job that is certainly smaller: where that does not fit, this one is not tried. None if
    there is none that is known."""
    block, preset, device = job
    inner = ("nmpu", preset) if block == "tile" else _SMALLER.get((block, preset))
    return inner and (*inner, device)


def plan(*, preset=None, blocks=None, device=None):
    """The jobs of a run as (block, preset, device).

    Parameters
    ----------
    preset, blocks, device : str or None
        What narrows the run; ``blocks`` are names with commas between. A preset alone has the
        blocks that `DEFAULT` has of `tiny`; blocks alone are those of `tiny`.

    Raises
    ------
    ValueError
        If something does not exist, or the preset does not have it.
    """
    chosen = DEFAULT
    if preset or blocks:
        preset = preset or "tiny"
        chosen = {preset: choose_blocks(blocks or ",".join(DEFAULT["tiny"]), preset)}
    devices = [find_device(device)] if device else DEVICES
    return [(block, name, target) for name, names in chosen.items() for block in names
            for target in devices]
