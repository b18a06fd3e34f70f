"""``python -m tb.waves NAME``: record the waves of one test of the tile, on the tiny preset."""

import re
import shutil
import sys

import click

from golden.presets import tiny
from tb.designs import BUILD, simulate_tile
from tb.runner import ROOT, SimulationError

__all__ = ["main", "tests"]

TESTS = ROOT / "tb" / "system" / "tile_tests.py"


def tests():
    """Names of the tile's tests."""
    return re.findall(r"^@cocotb[^@]*?^async def (\w+)\(", TESTS.read_text(), re.MULTILINE)


@click.command()
@click.argument("name", required=False)
def main(name):
    """Run test NAME and keep its waves as build/waves/NAME.vcd."""
    if name not in tests():
        click.echo(f"waves: TEST must be one of {', '.join(tests())}, not {name!r}", err=True)
        sys.exit(2)
    try:
        result = simulate_tile(tiny, "tiny", "tb.system.tile_tests", waves=True,
                               test_filter=rf"\b{name}\b")
    except SimulationError as error:
        click.echo(f"waves: {error}", err=True)
        sys.exit(1)
    out = BUILD / "waves" / f"{name}.vcd"
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(result.results_xml.parent / "dump.vcd", out)
    click.echo(f"{out.relative_to(ROOT)}: {out.stat().st_size:,} bytes, {result.tests} tests")


if __name__ == "__main__":
    main()
