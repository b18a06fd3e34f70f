"""A network whose layers lie side by side in one array: where, in which jobs, by which writes.

Each layer has columns of its own and rows from 0 on, and one is computed after the other: the
layer-serial use of an array in AON-CiM (Zhou et al., arXiv:2111.06503, 2021). Activations wait in
the tile between two layers, for as many images at a time as the buffer holds, so that the host only
sends images and takes results.
"""

from dataclasses import dataclass

from golden.descriptors import Descriptor, descriptor_address
from golden.registers import COEFFICIENTS, REGISTERS, coefficient_address, pack

__all__ = ["Place", "coefficient_writes", "descriptor_writes", "jobs", "place",
           "set_up", "start_writes"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a layer lies in the array.

    Parameters
    ----------
    name : str
    inputs : int
        Inputs of the layer.
    rows : int
        Rows that are driven: all results of the layer before, those of no output too.
    first_column : int
    outputs : int
        Outputs of the layer, in columns from the first on.
    columns : int
        Columns that give results: those of the outputs, in whole groups of lanes.
    """

    name: str
    inputs: int
    rows: int
    first_column: int
    outputs: int
    columns: int

    @property
    def part(self):
        """Its columns, as a slice."""
        return slice(self.first_column, self.first_column + self.columns)


def place(layers, config):
    """Places of layers in one array, from left to right.

    Parameters
    ----------
    layers : sequence of golden.network.digits.Layer
        Each takes what the one before gives.
    config : TileConfig

    Returns
    -------
    list of Place

    Raises
    ------
    ValueError
        If there are none, if one does not fit the layer before it, or if the array is too small.
    """
    places, column, lanes = [], 0, config.nmpu.lanes
    for layer in layers:
        inputs, outputs = layer.weights.shape
        if places and inputs != places[-1].outputs:
            raise ValueError(f"{layer.name} must have {places[-1].outputs} inputs, as many as "
                             f"there are outputs before it, not {inputs}")
        rows = places[-1].columns if places else inputs
        if rows > config.array.rows:
            raise ValueError(f"{layer.name} must drive at most {config.array.rows} rows, "
                             f"not {rows}")
        columns = -(-outputs // lanes) * lanes
        places.append(Place(name=layer.name, inputs=inputs, rows=rows, first_column=column,
                            outputs=outputs, columns=columns))
        column += columns
    if not 0 < column <= config.array.columns:
        raise ValueError(f"layers must take from 1 to {config.array.columns} columns, in groups "
                         f"of {lanes}, not {column}")
    return places


def jobs(places, settings, config, *, images):
    """One descriptor per layer, each for a batch of images.

    Parameters
    ----------
    places : list of Place
    settings : sequence of Settings
        Of each layer.
    config : TileConfig
    images : int
        In a batch.

    Returns
    -------
    list of Descriptor

    Raises
    ------
    ValueError
        If the activation buffer does not hold a batch.
    """
    most = 65535 if len(places) == 1 else config.control.activations
    if not 1 <= images <= most:
        raise ValueError(f"images must be from 1 to {most}, not {images}")
    last = len(places) - 1
    return [Descriptor(source="activations" if k else "x",
                       destination="activations" if k < last else "y", rows=p.rows,
                       first_column=p.first_column, columns=p.columns, settings=s, repeat=images)
            for k, (p, s) in enumerate(zip(places, settings, strict=True))]


def coefficient_writes(coefficients, config):
    """All coefficients into the free bank, and the exchange: list of (address, value)."""
    values = {"norm_scale": coefficients.norm_scale, "norm_bias": coefficients.norm_bias}
    for k, polarity in enumerate("pn"):
        values |= {f"scale_{polarity}": coefficients.scale[k],
                   f"offset_{polarity}": coefficients.offset[k]}
    return [*((coefficient_address(column, name), int(values[name][column]) & 0xFFFF_FFFF)
              for column in range(config.array.columns) for name in COEFFICIENTS),
            (REGISTERS["CONTROL"].offset, pack("CONTROL", swap=1))]


def descriptor_writes(descriptors, config, *, first=0):
    """Descriptors into the table from ``first`` on: list of (address, value)."""
    last = first + len(descriptors) - 1
    if not 0 <= first <= last < config.control.descriptors:
        raise ValueError(f"descriptors must be from 0 to {config.control.descriptors - 1}, not "
                         f"{first} to {last}")
    return [(descriptor_address(k, word), value) for k, d in enumerate(descriptors, first)
            for word, value in enumerate(d.words(config))]


def start_writes(first, last, *, loops=1):
    """Start a chain of descriptors: list of (address, value); 0 loops are for ever."""
    return [(REGISTERS["LOOPS"].offset, pack("LOOPS", loops=loops)),
            (REGISTERS["CHAIN"].offset, pack("CHAIN", first=first, last=last, start=1))]


def set_up(coefficients, descriptors, config, *, loops=1):
    """Everything between reset and the first image: list of (address, value), in order."""
    return [*coefficient_writes(coefficients, config), *descriptor_writes(descriptors, config),
            *start_writes(0, len(descriptors) - 1, loops=loops)]
