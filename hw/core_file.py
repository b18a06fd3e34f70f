"""The description of a tile that FuseSoC reads, a core file of the second format (CAPI2)."""

import re

import yaml

__all__ = ["core_file"]


def core_file(*, name, version, waivers):
    """Return the text of `bezel_tile_<name>.core`, which stands beside `tile.v`.

    Target ``default`` gives Verilog and constraints to whoever depends on the core, ``lint`` runs
    Verilator with every warning.

    Parameters
    ----------
    name : str
        Of the tile; what FuseSoC allows in no name becomes an underscore.
    version : str
    waivers : list of str
        Names of Verilator's waiver files.
    """
    core = {
        "name": f"bezel:tile:{re.sub(r'[^A-Za-z0-9_.]', '_', name)}:{version}",
        "description": "Digital periphery of an analog phase-change-memory array",
        "license": "Apache-2.0",
        "filesets": {
            "rtl": {"files": ["tile.v"], "file_type": "verilogSource"},
            "constraints": {"files": ["tile.sdc"], "file_type": "SDC"},
            "waivers": {"files": waivers, "file_type": "vlt"},
        },
        "targets": {
            "default": {"filesets": ["rtl", "constraints"], "toplevel": "tile"},
            "lint": {
                "filesets": ["waivers", "rtl"],
                "toplevel": "tile",
                "flow": "lint",
                "flow_options": {"tool": "verilator", "verilator_options": ["-Wall"]},
            },
        },
    }
    return "CAPI=2:\n" + yaml.safe_dump(core, sort_keys=False)
