"""What nextpnr says of a design."""

import json
import re

__all__ = ["read_report", "too_many"]

_USED = re.compile(r"^Info:\s+(\w+):\s+(\d+)/\s*(\d+)\s+\d+%$", re.MULTILINE)


def read_report(text):
    """Cells in use by kind, and the clock that was reached in MHz, from a report in JSON.

    Raises
    ------
    RuntimeError
        If no clock was timed.
    """
    report = json.loads(text)
    clocks = [clock["achieved"] for clock in report["fmax"].values()]
    if not clocks:
        raise RuntimeError("the report of nextpnr must have a clock, and has none")
    used = {kind: count["used"] for kind, count in report["utilization"].items()}
    return used, min(clocks)


def too_many(log):
    """Kinds of cells that a device has too few of, from a log: (kind, wanted, available)."""
    counts = [(kind, int(wanted), int(available))
              for kind, wanted, available in _USED.findall(log)]
    return [count for count in counts if count[1] > count[2]]
