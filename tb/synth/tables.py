"""Records as tables."""

from rich.table import Table

__all__ = ["table_of_kinds", "table_of_memories", "table_of_records"]


def table_of_records(records, title):
    """One row per block: size, the slowest path between flip-flops, and the slack of all paths,
    those at ports included."""
    table = Table("block", title=title, title_justify="left")
    for heading in ("area um2", "NAND2", "flip-flops", "max MHz", "slack ns", "ports ns",
                    "stages"):
        table.add_column(heading, justify="right")
    table.add_column("slowest path between flip-flops", overflow="fold")
    for record in records:
        timing = record["timing"]
        inner = timing["inner"] or timing["worst"]
        clock = timing["max_clock_mhz"]
        table.add_row(
            record["block"], f"{record['area_um2']:,.0f}", f"{record['gate_equivalents']:,.0f}",
            f"{record['flops']:,}", "" if clock is None else f"{clock:,.0f}",
            f"{inner['slack_ns']:+.3f}" if inner else "",
            f"{timing['worst']['slack_ns']:+.3f}" if timing["worst"] else "",
            str(inner["stages"]) if inner else "",
            f"{inner['start']} -> {inner['end']}" if inner else timing["by"])
    return table


def table_of_memories(records):
    """Blocks with memory: as flip-flops, without the coefficients, and with assumed macros."""
    table = Table("block", title="Memories: flip-flops against an assumed macro",
                  title_justify="left")
    for heading in ("coefficient bits", "other bits", "as flip-flops um2",
                    "without coefficients um2", "with macro um2 (assumed)"):
        table.add_column(heading, justify="right")
    for record in records:
        memory = record["memory"]
        if memory["coefficient_bits"] or memory["other_bits"]:
            table.add_row(record["block"], f"{memory['coefficient_bits']:,}",
                          f"{memory['other_bits']:,}", f"{record['area_um2']:,.0f}",
                          *(f"{memory[key]:,.0f}" if key in memory else ""
                            for key in ("without_coefficients_um2", "with_macro_um2")))
    return table


def table_of_kinds(records, *, kinds=6):
    """The most frequent cells of each block."""
    table = Table("block", "most frequent cells", title="Cells by kind", title_justify="left")
    for record in records:
        first = list(record["cells"].items())[:kinds]
        table.add_row(record["block"], ", ".join(f"{kind} {n:,}" for kind, n in first))
    return table
