"""What is made from the register map: page, SystemRDL, C header, and HTML to look things up.

``python -m tb.registers`` writes the committed ones into ``docs/``, the HTML into
``build/registers/html``.
"""

import tempfile
from pathlib import Path

import click
from peakrdl_cheader.c_standards import CStandard
from peakrdl_cheader.exporter import CHeaderExporter
from peakrdl_html import HTMLExporter
from systemrdl import RDLCompiler

from golden.presets import hermes
from golden.registers.markdown_page import markdown
from golden.registers.rdl import systemrdl
from tb.runner import ROOT
from tb.whole_file import write_whole

__all__ = ["COMMITTED", "compiled", "generate"]

DOCS = ROOT / "docs"
HTML = ROOT / "build" / "registers" / "html"

COMMITTED = ("registers.md", "registers.rdl", "registers.h")


def compiled(path):
    """The address map in an RDL file, as PeakRDL's exporters take it."""
    compiler = RDLCompiler()
    compiler.compile_file(str(path))
    return compiler.elaborate().top


def generate(folder):
    """Write the `COMMITTED` files of the default configuration; return the address map."""
    folder = Path(folder)
    with tempfile.TemporaryDirectory() as made:
        page, rdl, header = (Path(made) / name for name in COMMITTED)
        page.write_text(markdown(hermes))
        rdl.write_text(systemrdl(hermes))
        top = compiled(rdl)
        CHeaderExporter().export(top, path=str(header), std=CStandard.gnu11)
        for path in (page, rdl, header):
            write_whole(folder / path.name, path.read_text())
    return top


@click.command()
def main():
    """Write docs/registers.* and build/registers/html."""
    top = generate(DOCS)
    HTML.mkdir(parents=True, exist_ok=True)
    HTMLExporter(generate_source_links=False).export(top, str(HTML), title="Bezel tile")
    for path in (*(DOCS / name for name in COMMITTED), HTML / "index.html"):
        click.echo(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
