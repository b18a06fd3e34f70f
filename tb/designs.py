"""The exported tile of a configuration, in its bench, ready for a simulator."""

import hashlib
import json
import shutil

from hw.export import write_verilog
from hw.tile import Tile
from tb.alone import alone
from tb.runner import ROOT, SimulationError, simulate

__all__ = ["BUILD", "METRICS", "read_metrics", "simulate_tile", "tile_verilog"]

BUILD = ROOT / "build"
METRICS = BUILD / "metrics"
SIM_MODELS = ROOT / "sim_models"


def tile_verilog(config, name):
    """The Verilog of the tile; written again only if its sources or configuration changed."""
    folder = BUILD / "rtl" / name
    stamp, verilog = folder / "sources.sha256", folder / "tile.v"
    digest = hashlib.sha256(config.to_yaml().encode())
    for source in sorted([*(ROOT / "hw").rglob("*.py"), *(ROOT / "golden").rglob("*.py"),
                          ROOT / "pyproject.toml"]):
        digest.update(source.read_bytes())
    text = digest.hexdigest()
    with alone(folder):
        if not (verilog.is_file() and stamp.is_file() and stamp.read_text() == text):
            stamp.unlink(missing_ok=True)
            write_verilog(Tile(config), name="tile", out_dir=folder)
            stamp.write_text(text)
    return verilog


def simulate_tile(config, name, test_module, *, simulator="verilator", tile=None, env=None,
                  build_args=(), **options):
    """Build the tile in ``tile_bench``, with the macro of its front end, and run cocotb tests.

    Parameters
    ----------
    config : TileConfig
    name : str
        Stem of the folders; one for each configuration.
    test_module : str
        Its tests find the configuration, as YAML, in the environment variable ``TILE``, and leave
        what they measured in the folder ``METRICS``, see `read_metrics`.
    tile : list of Path
        Verilog of the tile, if not as it is exported.
    env : dict
        Further environment variables.
    options
        Passed to `tb.runner.simulate`.

    Returns
    -------
    SimResult
    """
    metrics = METRICS / f"{name}-{simulator}"
    metrics.mkdir(parents=True, exist_ok=True)
    oscillators = config.readout.front_end == "oscillator"
    defines = [*["-DOSCILLATORS"] * oscillators, *["-DONE_DEVICE"] * (config.program.devices == 1)]
    models = ["array_pins", "stream_judge", "lite_judge",
              *(["charge_oscillators"] if oscillators else []), "tile_bench"]
    folder, junit = BUILD / "sim" / f"tile-{name}", BUILD / "junit"
    junit.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        result = simulate(
            sources=[*(tile or [tile_verilog(config, name)]),
                     *(SIM_MODELS / f"{model}.v" for model in models)],
            toplevel="tile_bench",
            test_module=test_module,
            build_dir=folder,
            simulator=simulator,
            timing=oscillators,
            build_args=[*defines, *build_args],
            env={"TILE": config.to_yaml(), "METRICS": str(metrics), **(env or {})},
            parameters=bench_parameters(config),
            **options)
        stem = test_module.rpartition(".")[2]
        shutil.copy(result.results_xml, junit / f"{stem}-{name}-{simulator}.xml")
    return result


def bench_parameters(config):
    """Parameters of `sim_models/tile_bench.v`: widths of the pins of ``config``."""
    columns, heads = config.array.columns, config.program.heads
    return {
        "ROWS": config.array.rows, "COUNTERS": config.counters, "BLOCKS": config.blocks,
        "COUNT_BITS": config.readout.counter_bits,
        "BANKS": config.readout.counter_banks,
        "BLOCK_BITS": _bits(config.blocks),
        "CODE_BITS": config.readout.reference_bits,
        "X_BITS": config.stream.x_bits, "Y_BITS": config.stream.y_bits,
        "SUMS_BITS": config.stream.y_bits // 8 * config.sum_bits,
        "HEADS": heads, "ROW_BITS": _bits(config.array.rows),
        "STEP_BITS": _bits(max(columns // heads, 1))}


def _bits(count):
    """Bits of a number below ``count``; never none."""
    return max((count - 1).bit_length(), 1)


def read_metrics(name, test, *, simulator="verilator"):
    """What a test of the tile left in its folder of metrics, as a dict.

    Raises
    ------
    SimulationError
        If it left nothing.
    """
    path = METRICS / f"{name}-{simulator}" / f"{test}.json"
    if not path.is_file():
        raise SimulationError(f"no test of {name} on {simulator} has left its {test}")
    return json.loads(path.read_text())
