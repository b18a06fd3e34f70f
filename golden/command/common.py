"""What the commands share: ages in words, devices by name, results that appear whole or not."""

import json
import re
import tempfile
from pathlib import Path

import click
import numpy as np

from golden.array.devices import DEVICES, make_device

__all__ = ["OUT", "SEED", "age_s", "ages", "any_device", "json_writer", "npz_writer",
           "png_writer", "publish"]

UNITS_S = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "y": 365 * 86400.0}

OUT = click.option("--out", type=click.Path(path_type=Path), default=Path("build/golden"),
                   show_default=True, help="Folder of the results.")
SEED = click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True,
                    help="Of every draw.")


def age_s(text):
    """``90``, ``1.5h``, ``30d`` in seconds; units s, min, h, d and y of 365 days."""
    match = re.fullmatch(r"([0-9.]+(?:e[0-9]+)?)\s*([a-z]*)", text.strip())
    if match is None or (match[2] or "s") not in UNITS_S:
        raise ValueError(f"ages must be like 0, 90s, 5min, 1h, 30d or 1y, not {text!r}")
    try:
        return float(match[1]) * UNITS_S[match[2] or "s"]
    except ValueError:
        raise ValueError(f"ages must be like 0, 90s, 5min, 1h, 30d or 1y, not {text!r}") from None


def ages(text):
    """Comma-separated ages: names and seconds, rising."""
    names = [part.strip() for part in text.split(",")]
    seconds = [age_s(name) for name in names]
    if any(b <= a for a, b in zip(seconds, seconds[1:], strict=False)):
        raise ValueError(f"ages must rise, not {text!r}")
    return names, seconds


def any_device(name, **fields):
    """The device called ``name``; fields that are None keep the device's default."""
    if name not in DEVICES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)}, not {name!r}")
    return make_device(name, **{key: value for key, value in fields.items() if value is not None})


def json_writer(tree):
    """Writer of a JSON file; numpy numbers become plain ones."""
    return lambda path: path.write_text(
        json.dumps(tree, indent=2, default=lambda value: value.item()) + "\n")


def npz_writer(**arrays):
    """Writer of an npz file."""
    return lambda path: np.savez_compressed(path, **arrays)


def png_writer(plot):
    """Writer of a picture that ``plot(axes)`` draws."""
    def write(path):
        # Imported here: it takes longer than most commands do.
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4.5), layout="constrained")
        axes = figure.subplots()
        plot(axes)
        axes.grid(alpha=0.3)
        figure.savefig(path, dpi=110, metadata={"Software": None})
    return write


def publish(out, writers):
    """Write files beside their place and then rename them: none is ever half there.

    Parameters
    ----------
    out : Path
        Folder, made if needed.
    writers : dict
        File name to a callable that writes to the path it is given.

    Returns
    -------
    list of Path
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=out) as folder:
        for name, write in writers.items():
            write(Path(folder) / name)
        return [(Path(folder) / name).replace(out / name) for name in writers]
