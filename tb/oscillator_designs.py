"""The oscillator front end in its bench, ready for a simulator."""

import shutil
from functools import partial
from unittest.mock import patch

from amaranth.hdl import Instance, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.presets import ripple
from hw.export import write_verilog
from hw.readout.oscillator_front_end import OscillatorFrontEnd
from hw.readout.ripple_counter import RippleCounter
from tb.designs import BUILD, METRICS, SIM_MODELS, read_metrics
from tb.runner import simulate

__all__ = ["FOUR_PAIRS", "measure_count_error", "read_count_error", "simulate_front_end"]

FOUR_PAIRS = ripple.replace(array={"columns": 4})
"""As many counters as the measurements need: every further one makes all of them slower."""


class SlowRippleCounter(wiring.Component):
    """`sim_models/slow_ripple_counter.v` in the place of a `RippleCounter`."""

    def __init__(self, bits, *, stage_ps):
        self._stage_ps = stage_ps
        super().__init__({
            "oscillator": In(1), "gate": In(1), "clear": In(1), "count": Out(bits)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.slow = Instance(
            "slow_ripple_counter", p_BITS=len(self.count), p_STAGE_PS=self._stage_ps,
            i_oscillator=self.oscillator, i_gate=self.gate, i_clear=self.clear,
            o_count=self.count)
        return m


def simulate_front_end(config, name, *, simulator="verilator", front_end=None, stage_ps=0,
                       conversions=320, **options):
    """Build the front end of ``config`` in ``oscillator_bench`` and test it.

    Parameters
    ----------
    config : TileConfig
    name : str
        Stem of the folders; one for each configuration and delay.
    front_end : list of Path
        Verilog of the front end, if not as it is exported.
    stage_ps : int
        Delay of each stage of the counters; with 0 they are those of the design.
    conversions : int
        Of ``count_error``, at least.
    options
        Passed to `tb.runner.simulate`.

    Returns
    -------
    SimResult
    """
    if not front_end:
        counter = partial(SlowRippleCounter, stage_ps=stage_ps) if stage_ps else RippleCounter
        with patch("hw.readout.oscillator_front_end.RippleCounter", counter):
            front_end = [write_verilog(OscillatorFrontEnd(config), name="oscillator_front_end",
                                       out_dir=BUILD / "rtl" / f"oscillator-{name}")]
    metrics = _metrics(name, simulator)
    metrics.mkdir(parents=True, exist_ok=True)
    models = ["oscillator.v", "oscillator_bank.v", "oscillator_bench.v",
              *(["slow_ripple_counter.v"] if stage_ps else [])]
    banks = config.readout.counter_banks
    result = simulate(
        sources=[*front_end, *(SIM_MODELS / model for model in models)],
        toplevel="oscillator_bench",
        test_module="tb.system.oscillator_tests",
        build_dir=BUILD / "sim" / f"oscillator-{name}",
        simulator=simulator,
        timing=True,
        env={"TILE": config.to_yaml(), "METRICS": str(metrics), "CONVERSIONS": str(conversions),
             "RIPPLE_PS": str(stage_ps * config.readout.counter_bits)},
        parameters={"COUNTERS": config.counters, "COUNTER_BITS": config.readout.counter_bits,
                    "BANKS": banks},
        **options)
    _keep(result, f"oscillator_tests-{name}-{simulator}")
    return result


def _keep(result, name):
    junit = BUILD / "junit"
    junit.mkdir(parents=True, exist_ok=True)
    shutil.copy(result.results_xml, junit / f"{name}.xml")


def _metrics(name, simulator):
    return METRICS / f"oscillator-{name}-{simulator}"


def measure_count_error(conversions=10_000, *, simulator="verilator"):
    """Run ``count_error`` and return what it measured."""
    simulate_front_end(FOUR_PAIRS, "four", simulator=simulator, conversions=conversions,
                       test_filter="count_error")
    return read_count_error("four", simulator=simulator)


def read_count_error(name, *, simulator="verilator"):
    """What ``count_error`` measured last, as a dict.

    ``conversions``, ``largest_error`` in counts, ``largest_count``, ``phase_bins`` (conversions
    with current by start phase, in sixteenths of a period), ``seconds``.
    """
    return read_metrics(f"oscillator-{name}", "count_error", simulator=simulator)
