"""Records as a table."""

from rich.table import Table

__all__ = ["table_of_records"]


def table_of_records(records, title):
    """One row per block and device: what it takes and how fast it is, or why it does not fit."""
    table = Table(title=title, title_justify="left")
    for heading in ("preset", "block", "device"):
        table.add_column(heading, no_wrap=True)
    for heading in ("LUTs", "flops", "of harness", "RAMs", "DSPs", "fmax MHz"):
        table.add_column(heading, justify="right")
    table.add_column("does not fit", overflow="fold", min_width=12)
    for record in records:
        numbers = (record.luts, record.flops, record.harness_flops, record.rams, record.dsps)
        table.add_row(record.preset, record.block, record.device,
                      *("" if number is None else f"{number:,}" for number in numbers),
                      "" if record.fmax_mhz is None else f"{record.fmax_mhz:.1f}", record.reason)
    return table
