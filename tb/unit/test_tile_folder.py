"""What `make verilog` leaves in a folder, and that it belongs together."""

import re

import pytest
import yaml

from golden.config import TileConfig
from golden.presets import tiny
from hw.core_file import core_file
from hw.tile_folder import WAIVERS, write_tile
from tb.runner import ROOT


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("verilog") / "tiny"
    write_tile(tiny, name="tiny", folder=path)
    return path


def test_core_names_every_file(folder):
    text = (folder / "bezel_tile_tiny.core").read_text()
    assert text.startswith("CAPI=2:\n")
    core = yaml.safe_load(text.partition("\n")[2])
    named = {file for files in core["filesets"].values() for file in files["files"]}
    assert named | {"tile.il", "tile.yaml", "bezel_tile_tiny.core"} == {
        path.name for path in folder.iterdir()}
    for target in core["targets"].values():
        assert set(target["filesets"]) <= core["filesets"].keys()
    assert re.fullmatch(r"bezel:tile:tiny:\d+\.\d+\.\d+", core["name"])


def test_names_of_cores_are_allowed():
    text = core_file(name="my tile-2", version="1.2.3", waivers=[])
    assert "name: bezel:tile:my_tile_2:1.2.3\n" in text


def test_files_say_what_they_are(folder):
    for name, mark in (("tile.v", "//"), ("tile.sdc", "#")):
        assert re.match(rf"{mark} Bezel \d+\.\d+\.\d+, tile tiny\.\n"
                        rf"{mark} SPDX-License-Identifier: Apache-2\.0\n"
                        rf"{mark} Generated .*\n", (folder / name).read_text())
    assert TileConfig.from_yaml((folder / "tile.yaml").read_text()) == tiny
    for waiver in WAIVERS:
        assert (folder / waiver).read_text() == (ROOT / "constraints" / waiver).read_text()


def test_constraints_are_of_the_ports(folder):
    head = re.search(r"^module tile\((.*?)^\);", (folder / "tile.v").read_text(),
                     re.MULTILINE | re.DOTALL)[1]
    ports = {name: bool(vector) for vector, name in re.findall(r"(\[.*\] )?(\w+),?\n", head)}
    named = re.findall(r"^    (\w.*)$", (folder / "tile.sdc").read_text().partition("# ")[2]
                       .partition("set counter_bits")[0], re.MULTILINE)
    assert sorted(" ".join(named).split()) == sorted(
        f"{port}[*]" if vector else port for port, vector in ports.items() if port != "clk")


def test_same_bytes_every_time(folder, tmp_path):
    write_tile(tiny, name="tiny", folder=tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in tmp_path.iterdir()}
