"""Pictures of synthesis, each one question."""

from tb.designs import BUILD
from tb.pictures import draw

__all__ = ["draw_blocks", "draw_energy", "draw_sweep"]

FOLDER = BUILD / "synth-plots"


def draw_blocks(records, library, preset):
    """Area by block and slack by block; the paths of the pictures."""
    paths = [draw(FOLDER / f"area_{library.label}_{preset}.png", _area, records, library)]
    timed = [record for record in records if record["timing"]["inner"]]
    if timed:
        paths.append(draw(FOLDER / f"slack_{library.label}_{preset}.png", _slack, timed, library))
    return paths


def draw_sweep(points):
    """Area and latency over the number of lanes; the path of the picture."""
    return draw(FOLDER / "lanes.png", _lanes, points)


def draw_energy(energies):
    """Energy of a vector, of `tb.power.report.VectorEnergy`; the path of the picture."""
    return draw(FOLDER / "energy.png", _energy, energies)


def _area(axes, records, library):
    found = axes.barh([r["block"] for r in records], [r["area_um2"] for r in records])
    axes.bar_label(found, fmt="{:,.0f}", padding=3, fontsize=8)
    axes.set(xscale="log", xlabel="um2, memories as flip-flops, no wires",
             title=f"Area, preset {records[0]['preset']}, {library.name}")
    axes.margins(x=0.15)


def _slack(axes, records, library):
    slacks = [record["timing"]["inner"]["slack_ns"] for record in records]
    axes.barh([record["block"] for record in records], slacks,
              color=["tab:red" if slack < 0 else "tab:green" for slack in slacks])
    axes.axvline(0, color="black", linewidth=0.8)
    target = records[0]["timing"]["target_ns"]
    axes.set(xlabel="ns, between flip-flops, before layout",
             title=f"Slack at {1000 / target:,.0f} MHz, {library.name}")


def _lanes(axes, points):
    lanes, areas, clocks = zip(*points, strict=True)
    axes.plot(lanes, [area / 1e6 for area in areas], "o-", label="area of the lanes")
    axes.set(xscale="log", xlabel="lanes", ylabel="mm2, without coefficients and control",
             title="More lanes: area against latency", xticks=lanes, xticklabels=lanes)
    axes.minorticks_off()
    other = axes.twinx()
    other.plot(lanes, clocks, "s--", color="tab:orange", label="latency of a vector")
    other.set(ylabel="clocks", ylim=(0, None))
    axes.legend(handles=[*axes.lines, *other.lines], loc="upper center")


def _energy(axes, energies):
    names, start = [energy.name for energy in energies], [0.0] * len(energies)
    for part in ("clock", "logic", "leakage"):
        values = [getattr(energy, part) / 1000 for energy in energies]
        axes.barh(names, values, left=start, label=part)
        start = [a + b for a, b in zip(start, values, strict=True)]
    axes.set(xlabel="nJ, before layout, without clock tree",
             title="Energy of a vector of all columns")
    axes.legend()
