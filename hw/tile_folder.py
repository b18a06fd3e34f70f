"""All that leaves the project for one tile, in a folder of its own."""

import shutil
import tomllib
from pathlib import Path

from .constraints import tile_constraints
from .core_file import core_file
from .export import comment, write_verilog
from .tile import Tile

__all__ = ["write_tile"]

ROOT = Path(__file__).resolve().parents[1]
WAIVERS = ("verilator.vlt", "lint.vlt")


def write_tile(config, *, name, folder):
    """Write a tile for use elsewhere.

    `tile.v`, `tile.il` (RTLIL), `tile.sdc`, `tile.yaml` (the configuration, every field spelled
    out), `bezel_tile_<name>.core` and the waivers that it names. The same configuration and name
    give the same bytes.

    Parameters
    ----------
    config : TileConfig
    name : str
        Of a preset, or what the configuration is to be called.
    folder : Path
        Made if it is missing.

    Returns
    -------
    Path
        The Verilog file.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    title = (f"Bezel {version}, tile {name}.\n"
             f"SPDX-License-Identifier: Apache-2.0\n"
             f"Generated from the configuration in tile.yaml: change that, and not this file.\n")
    folder.mkdir(parents=True, exist_ok=True)
    tile = Tile(config)
    verilog = write_verilog(tile, name="tile", out_dir=folder,
                            header=f"{title}\n{config.to_yaml()}")
    (folder / "tile.sdc").write_text(
        comment(title, mark="#") + "\n"
        + tile_constraints(tile, counter_bits=config.readout.counter_bits))
    (folder / "tile.yaml").write_text(config.to_yaml())
    (folder / f"bezel_tile_{name}.core").write_text(
        core_file(name=name, version=version, waivers=list(WAIVERS)))
    for waiver in WAIVERS:
        shutil.copyfile(ROOT / "constraints" / waiver, folder / waiver)
    return verilog
