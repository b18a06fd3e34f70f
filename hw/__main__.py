"""``python -m hw``: write a tile's Verilog."""

import sys
import tomllib
from pathlib import Path

import click

from golden import presets
from golden.config import TileConfig
from hw.export import write_verilog
from hw.tile import Tile

__all__ = ["main"]

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def _fail(message):
    click.echo(f"verilog: {message}", err=True)
    sys.exit(2)


def _configuration(preset, config):
    try:
        if config is None:
            return presets.preset(preset), preset
        return TileConfig.from_yaml(config.read_text()), config.stem
    except OSError as error:
        _fail(f"config must be a readable file, not {config}: {error.strerror}")
    except ValueError as error:
        _fail(f"{config}: {error}" if config else str(error))


@click.command()
@click.option("--preset", default="hermes", show_default=True,
              help=f"One of {', '.join(presets.PRESETS)}.")
@click.option("--config", type=click.Path(path_type=Path),
              help="A YAML configuration, instead of a preset.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("build/verilog"),
              show_default=True, help="Folder; the files go to a subfolder of the preset's name.")
def main(preset, config, out):
    """Write tile.v, tile.il (RTLIL) and tile.yaml (the configuration, every field spelled out)."""
    tile_config, name = _configuration(preset, config)
    folder = out / name
    version = tomllib.loads(PROJECT.read_text())["project"]["version"]
    header = f"Bezel {version}, tile {name}.\n\n{tile_config.to_yaml()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        verilog = write_verilog(Tile(tile_config), name="tile", out_dir=folder, header=header)
        (folder / "tile.yaml").write_text(tile_config.to_yaml())
    except OSError as error:
        _fail(f"out must be a folder that can be written, not {out}: {error.strerror}")
    click.echo(f"{verilog}: {sum(1 for _ in verilog.open()):,} lines")


if __name__ == "__main__":
    main()
