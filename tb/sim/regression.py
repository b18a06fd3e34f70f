"""The RTL regression: every system test, in a process of its own that prints as it goes."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from xml.etree import ElementTree

from tb.designs import BUILD, METRICS
from tb.runner import ROOT, SimulationError

__all__ = ["Regression", "run_regression"]

JUNIT = BUILD / "junit" / "regression.xml"


@dataclass(frozen=True)
class Regression:
    """Outcome of the system tests, as pytest counts them."""

    tests: int
    failures: int
    skipped: int
    seconds: float


def run_regression():
    """Run ``tb/system`` and return its `Regression`; `SimulationError` if nothing ran."""
    JUNIT.parent.mkdir(parents=True, exist_ok=True)
    JUNIT.unlink(missing_ok=True)
    # What is read afterwards is of this run.
    shutil.rmtree(METRICS, ignore_errors=True)
    code = subprocess.run([sys.executable, "-m", "pytest", "tb/system", "-v", "-rs",
                           "--no-header", f"--junit-xml={JUNIT}"], cwd=ROOT,
                          check=False).returncode
    # 1 says that tests failed, which is an outcome; the rest, that they could not be run.
    if code not in (0, 1) or not JUNIT.is_file():
        raise SimulationError(f"the regression could not be run, pytest ended with {code}")
    suite = ElementTree.parse(JUNIT).getroot().find("testsuite")
    number = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    return Regression(number["tests"] - number["skipped"], number["failures"] + number["errors"],
                      number["skipped"], float(suite.get("time")))
