"""The blocks that are synthesised, by name."""

from golden.formats import NmpuFormats
from golden.presets import preset as find_preset
from hw.control.axi_lite import AxiLiteBridge
from hw.control.chain_checker import ChainChecker
from hw.control.descriptor_table import DescriptorTable
from hw.control.dispatcher import Dispatcher
from hw.control.registers import Registers
from hw.control.sequencer import Sequencer
from hw.control.supervisor import Supervisor
from hw.drive.input_buffer import InputBuffer
from hw.drive.row_driver import RowDriver
from hw.drive.row_drivers import RowDrivers
from hw.nmpu.coefficients import Coefficients
from hw.nmpu.combine import Combine
from hw.nmpu.gather import Gather
from hw.nmpu.lane import Lane
from hw.nmpu.nmpu import Nmpu
from hw.nmpu.normalise import Normalise
from hw.nmpu.requantise import Requantise
from hw.nmpu.residual import Residual
from hw.program.engine import ProgramEngine
from hw.readout.capture import Capture
from hw.readout.oscillator_front_end import OscillatorFrontEnd
from hw.readout.readout import Readout
from hw.streams.activation_buffer import ActivationBuffer
from hw.tile import Tile
from tb.synth.alike import (
    fp16_coefficients,
    fp16_datapath,
    fp16_unit,
    plain,
    plain_coefficients,
    plain_nmpu,
)
from tb.synth.one_lane_made import OneLaneMade
from tb.synth.published_lane import PublishedLane, deep, full, published

__all__ = ["BLOCKS", "COEFFICIENTS", "KEPT", "QUICK", "blocks_of", "choose_blocks"]


def _requantise(config):
    return Requantise(src=NmpuFormats.of(config).activated.fmt, rounding=config.nmpu.rounding,
                      shift_bits=config.nmpu.shift_bits, max_bits=config.nmpu.output_bits)


def _front_end(banks):
    def build(config):
        return OscillatorFrontEnd(config.replace(readout={
            "front_end": "oscillator", "counter_banks": banks}))
    return build


BLOCKS = {
    "combine": Combine,
    "gather": Gather,
    "residual": Residual,
    "normalise": Normalise,
    "requantise": _requantise,
    "lane": Lane,
    "deep_lane": lambda config: Lane(deep(config)),
    "full_lane": lambda config: Lane(full(config)),
    "published_lane": lambda config: PublishedLane(published(config)),
    "fp16_datapath": fp16_datapath,
    "row_driver": lambda config: RowDriver(),
    "row_drivers": RowDrivers,
    "input_buffer": InputBuffer,
    "capture": Capture,
    "readout": Readout,
    "front_end_1": _front_end(1),
    "front_end_2": _front_end(2),
    "sequencer": Sequencer,
    "chain_checker": ChainChecker,
    "dispatcher": Dispatcher,
    "descriptor_table": DescriptorTable,
    "activation_buffer": ActivationBuffer,
    "supervisor": lambda config: Supervisor(),
    "program_engine": ProgramEngine,
    "registers": Registers,
    "axi_lite": lambda config: AxiLiteBridge(),
    "fp16_unit": fp16_unit,
    "coefficients": Coefficients,
    "plain_nmpu": plain_nmpu,
    "deep_nmpu": lambda config: OneLaneMade(deep(plain(config)), top="deep_nmpu"),
    "nmpu": Nmpu,
    "tile": Tile,
}
"""Each takes a `TileConfig` and returns a component; those with many cells come last."""

_IF_THERE = {
    "activation_buffer": lambda config: config.control.activations,
    "program_engine": lambda config: config.program.engine,
}


def blocks_of(config):
    """Names of the blocks that a configuration has, or that are compared with it."""
    return tuple(name for name in BLOCKS if name not in _IF_THERE or _IF_THERE[name](config))


def choose_blocks(names, preset):
    """The blocks of a preset by their ``names`` with commas between, each once; all it has if None.

    Raises
    ------
    ValueError
        If the preset or a block does not exist, or the preset does not have it.
    """
    there = blocks_of(find_preset(preset))
    chosen = there if names is None else tuple(dict.fromkeys(names.split(",")))
    for name in chosen:
        if name not in BLOCKS:
            raise ValueError(f"block must be of {', '.join(BLOCKS)}, not {name!r}")
        if name not in there:
            raise ValueError(f"block must be in the preset {preset}, which has no {name}")
    return chosen


COEFFICIENTS = {
    "coefficients": Coefficients,
    "nmpu": Coefficients,
    "deep_nmpu": plain_coefficients,
    "tile": Coefficients,
    "plain_nmpu": plain_coefficients,
    "fp16_unit": fp16_coefficients,
}
"""The coefficient memory in a block, for those that have one."""

QUICK = ("combine", "gather", "normalise", "requantise", "row_driver", "sequencer", "registers",
         "axi_lite")
"""Those that take a second or two each on the preset `tiny`: the ones that the unit tests hold to
their budgets."""

KEPT = ("nmpu", "lane", "tally_lane", "statistics_lane", "coefficients", "readout", "row_drivers",
        "input_buffer", "sequencer", "registers", "axi_lite", "downsize", "bank_0_p_0",
        "dispatcher", "descriptor_table", "activations", "program_engine")
"""Instances that stay modules inside a larger block. Everything else is flattened into its parent,
so that logic is shared and sized across it; a lane stays one, because 64 flattened lanes would be
optimised 64 times, and so does a counter, of which there are hundreds."""
