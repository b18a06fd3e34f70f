"""Measured points as a table, as pictures and as JSON."""

import json
from dataclasses import asdict

from rich.table import Table

from tb.designs import BUILD
from tb.pictures import draw
from tb.whole_file import write_whole

__all__ = ["FOLDER", "draw_points", "table_of_points", "write_points"]

FOLDER = BUILD / "explore"
_AREA, _LATENCY, _ERROR = range(3)
_LABELS = ("area of the lanes, um2", "latency of a vector, ns", "relative error, RMS")


def table_of_points(points, pareto, title):
    """One row per point, the fastest first; those of the front are marked."""
    table = Table(title=title, title_justify="left")
    for heading in ("lanes", "scale", "rounding", "gates", "area um2", "max MHz", "clocks",
                    "latency ns", "error", "Pareto"):
        table.add_column(heading, justify="right")
    for point in sorted(points, key=lambda point: point.latency_ns):
        kept = point in pareto
        choice = point.choice
        table.add_row(
            str(choice.lanes), f"U(1,{choice.scale_bits})", choice.rounding,
            str(choice.stage_gates), f"{point.area_um2:,.0f}", f"{point.clock_mhz:,.0f}",
            f"{point.clocks}", f"{point.latency_ns:,.1f}", f"{point.error:.3%}",
            "*" if kept else "", style="bold" if kept else None)
    return table


def write_points(points, pareto, **about):
    """Write ``points.json``: what was swept and by what, then every point; its path."""
    path = FOLDER / "points.json"
    entries = [{**asdict(point.choice), "area_um2": point.area_um2, "clock_mhz": point.clock_mhz,
                "by": point.by, "clocks": point.clocks, "latency_ns": point.latency_ns,
                "error": point.error, "pareto": point in pareto} for point in points]
    write_whole(path, json.dumps({**about, "points": entries}, indent=2) + "\n")
    return path


def draw_points(points, pareto):
    """Latency and error over area, the points of the front ringed; the paths of the pictures."""
    return [draw(FOLDER / "area_latency.png", _scatter, points, pareto, _LATENCY),
            draw(FOLDER / "area_error.png", _scatter, points, pareto, _ERROR)]


def _scatter(axes, points, pareto, what):
    for gates in sorted({point.choice.stage_gates for point in points}):
        chosen = [point for point in points if point.choice.stage_gates == gates]
        axes.scatter([point.costs[_AREA] for point in chosen],
                     [point.costs[what] for point in chosen], s=14,
                     label=f"stages of {gates} gates" if gates else "few long clocks")
    axes.scatter([point.costs[_AREA] for point in pareto], [point.costs[what] for point in pareto],
                 s=60, facecolors="none", edgecolors="black", label="Pareto, of all three")
    axes.set(xscale="log", yscale="log", xlabel=_LABELS[_AREA], ylabel=_LABELS[what],
             title=f"{_LABELS[what].split(',')[0].capitalize()} against area, before layout")
    axes.legend(fontsize=8)
