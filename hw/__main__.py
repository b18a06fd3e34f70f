"""``python -m hw``: write a tile's Verilog, and what its users need beside it."""

import sys
from pathlib import Path

import click

from golden import presets
from golden.config import TileConfig
from hw.tile_folder import write_tile

__all__ = ["main"]


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
    """Write tile.v, tile.il (RTLIL), tile.sdc, tile.yaml (the configuration, every field spelled
    out), and a core file for FuseSoC with Verilator's waivers."""
    tile_config, name = _configuration(preset, config)
    try:
        verilog = write_tile(tile_config, name=name, folder=out / name)
    except OSError as error:
        _fail(f"out must be a folder that can be written, not {out}: {error.strerror}")
    click.echo(f"{verilog}: {sum(1 for _ in verilog.open()):,} lines")


if __name__ == "__main__":
    main()
