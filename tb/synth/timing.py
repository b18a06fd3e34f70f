"""Static timing of a mapped netlist by OpenSTA."""

import re
import shutil
import subprocess
from dataclasses import dataclass

from tb.runner import ROOT
from tb.synth.mapping import CELLS

__all__ = ["MISSING", "Timing", "TimingPath", "has_sta", "read_path", "read_paths", "run_sta",
           "sta_version"]

MISSING = ("OpenSTA's command `sta` is not on this machine, delays are ABC's estimate; "
           "on Debian: apt-get install opensta")

_SCRIPT = """\
read_liberty {cells}
read_verilog {top}.v
link_design {top}
set_cmd_units -time ns -capacitance fF
set period {period}
source {{{sdc}}}
set_driving_cell -lib_cell {driver} [all_inputs]
set_load {load:.4g} [all_outputs]
# Wires are loads here, and an effective load of each would take as long again.
set_delay_calculator lumped_cap
# Paths at ports in a group of their own: one search finds the worst of these and of the others.
group_path -name {ports} -from [all_inputs]
group_path -name {ports} -to [all_outputs]
puts "== paths"
report_checks -path_delay max -digits 4
puts "== end"
"""
_PORTS = "ports"
_STEP = re.compile(r"^ +-?[\d.]+ +-?[\d.]+ [v^] (\S+)/[^/ ]+ \((\w+)\)$", re.MULTILINE)
_SLACK = re.compile(r"^ +(-?[\d.]+) +slack \(", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class TimingPath:
    """The slowest of some paths.

    Members
    -------
    start, end : str
        A register or a port.
    stages : int
        Cells that a change passes, the flip-flop it leaves from included.
    slack_ns : float
    """

    start: str
    end: str
    stages: int
    slack_ns: float


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Members: ``worst`` of all paths, ``inner`` between flip-flops; None where there are none."""

    worst: TimingPath | None
    inner: TimingPath | None

    def period_ns(self, target_ns):
        """The shortest clock period: between flip-flops, or of all paths if there are none."""
        path = self.inner or self.worst
        return None if path is None else target_ns - path.slack_ns


def has_sta():
    """Return if OpenSTA can be run."""
    return shutil.which("sta") is not None


def sta_version():
    """Version of OpenSTA."""
    return subprocess.run(["sta", "-version"], capture_output=True, text=True,
                          check=True).stdout.strip()


def run_sta(*, top, library, period_ns, folder):
    """Time the netlist that `tb.synth.mapping.map_to_cells` left in a folder.

    Raises
    ------
    RuntimeError
        If OpenSTA finds an error in netlist or constraints.
    """
    sdc = ROOT / "constraints" / f"{'tile' if top == 'tile' else 'block'}.sdc"
    (folder / "sta.tcl").write_text(_SCRIPT.format(
        cells=CELLS, top=top, period=period_ns, sdc=sdc, driver=library.driver,
        load=library.load_ff, ports=_PORTS))
    result = subprocess.run(["sta", "-no_splash", "-exit", "sta.tcl"], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    (folder / "sta.log").write_text(result.stdout)
    errors = [line for line in result.stdout.splitlines()
              if line.startswith("Error") or (line.startswith("Warning") and "missing" in line)]
    if result.returncode or errors or "== end" not in result.stdout:
        reason = errors[0] if errors else result.stdout.strip()[-200:]
        raise RuntimeError(f"OpenSTA failed on {top}: {reason}")
    return read_paths(result.stdout.split("== paths")[1])


def read_paths(text):
    """Read the paths of `report_checks`, the slowest of each group."""
    found = {}
    for part in text.split("Startpoint: ")[1:]:
        group = re.search(r"^Path Group: (\S+)", part, re.MULTILINE)[1]
        found[group] = read_path(f"Startpoint: {part}")
    # Those of resets and clock gates by themselves, named with stars, are no data.
    inner = [path for group, path in found.items() if group != _PORTS and group[0] != "*"]
    return Timing(worst=min(found.values(), key=_slack, default=None),
                  inner=min(inner, key=_slack, default=None))


def _slack(path):
    return path.slack_ns


def read_path(text):
    """Read one path of `report_checks`."""
    slack = _SLACK.search(text)
    steps = _STEP.findall(text.split("data arrival time")[0])
    cells = list(dict.fromkeys(name for name, _ in steps))
    start, end = (re.search(rf"^{what}point: (\S+)", text, re.MULTILINE)[1]
                  for what in ("Start", "End"))
    return TimingPath(start=start.replace("\\", ""), end=end.replace("\\", ""), stages=len(cells),
                slack_ns=float(slack[1]))
