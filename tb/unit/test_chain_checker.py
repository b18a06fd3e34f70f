"""golden.chain_checker: every rule by hand, at both sides of its edge."""

import pytest

from golden.chain_checker import check_chain
from golden.descriptors import WORDS, Descriptor, fields, words
from golden.formats import NmpuFormats
from golden.presets import lean, tiny
from golden.refusals import Refusal
from golden.settings import Settings

PLAIN = fields(Descriptor().words(tiny))
LEAVES = {"destination": 0}
RESUMES = {"resume": 1}
TO_BUFFER, FROM_BUFFER = {"destination": 2}, {"source": 1}
ONE_PHASE = tiny.replace(drive={"read_modes": ("one_phase",)})
NARROW = tiny.replace(drive={"input_bits": 6}, nmpu={"output_bits": 6})
PLAIN_LANES = tiny.replace(nmpu={"residual": False, "partial_sums": False})
NO_BUFFER = tiny.replace(control={"activations": 0})
NO_DRIFT = tiny.replace(drift={"engine": False})
NO_PROGRAM = tiny.replace(program={"engine": False})
BLOCKS = tiny.replace(readout={"columns_per_counter": 4})
MOST_SHIFT = NmpuFormats.of(tiny).residual_shift


def refusal(*chain, config=tiny, unlocked=False, **more):
    """Of a chain of jobs that differ from a plain one as told."""
    table = [words({**PLAIN, **job}) for job in chain]
    return check_chain(table, config, 0, len(table) - 1, unlocked=unlocked, **more)


def legal(*chain, **more):
    return refusal(*chain, **more) == (Refusal.NONE, 0)


def test_codes():
    assert [(r.name.lower(), r.value) for r in Refusal] == [(name, k) for k, name in enumerate((
        "none range parity kind source destination resume sums bank repeat rows columns shift "
        "output_bits input_bits read_mode reads residual activations locked").split())]


@pytest.mark.parametrize(("first", "last", "wanted"), [
    (0, 7, (0, 0)), (7, 7, (0, 0)), (3, 5, (0, 0)), (3, 2, (1, 3)), (0, 8, (1, 0)),
    (8, 8, (1, 8)), (255, 255, (1, 255))])
def test_range(first, last, wanted):
    table = [words(PLAIN)] * 8
    assert check_chain(table, tiny, first, last, unlocked=False) == wanted


def test_only_the_chain_is_looked_at():
    table = [words({}), words(PLAIN), words({})]
    assert check_chain(table, tiny, 1, 1, unlocked=False, bad_parity={0, 2}) == (0, 0)


def test_first_descriptor_at_fault_then_lowest_code():
    assert refusal({}, {"shift": 32, "rows": 0}, {"kind": 7}) == (Refusal.ROWS, 1)
    assert refusal({}, {"shift": 32, "rows": 0}, {"kind": 7}, bad_parity={1, 2}) == (
        Refusal.PARITY, 1)
    assert refusal({"rows": 0}, {}, bad_parity={1}) == (Refusal.ROWS, 0)


SINGLE = [
    # what is wrong, code, and what is nearly so
    ({"kind": 6}, Refusal.KIND, {"kind": 1}),
    ({"kind": 7}, Refusal.KIND, {"kind": 4}),
    ({"source": 3}, Refusal.SOURCE, {"source": 2}),
    ({"sums": 1, "bank": 3}, Refusal.BANK, {"sums": 1, "bank": 2}),
    ({"resume": 1}, Refusal.RESUME, {"sums": 1}),
    ({"destination": 0}, Refusal.DESTINATION, {"destination": 3}),
    ({"repeat": 0}, Refusal.REPEAT, {"repeat": 65535}),
    ({"source": 2, "repeat": 9}, Refusal.REPEAT, {"source": 2, "repeat": 8}),
    ({"source": 2, "repeat": 4, "rows": 3}, Refusal.REPEAT, {"source": 2, "repeat": 3, "rows": 3}),
    ({"source": 2, "reads": 2}, Refusal.READS, {"source": 2, "reads": 1}),
    ({"rows": 0}, Refusal.ROWS, {"rows": 1}),
    ({"rows": 9}, Refusal.ROWS, {"rows": 8}),
    ({"first_beat": 1}, Refusal.ROWS, {"first_beat": 1, "rows": 6}),
    ({"first_beat": 3, "rows": 3}, Refusal.ROWS, {"first_beat": 3, "rows": 2}),
    ({"first_beat": 4, "rows": 0}, Refusal.ROWS, {"first_beat": 3, "rows": 1}),
    ({"first_beat": 2047, "rows": 2047}, Refusal.ROWS, {}),
    ({"first_group": 2, "last_group": 1}, Refusal.COLUMNS, {"first_group": 2, "last_group": 2}),
    ({"first_group": 3, "last_group": 4}, Refusal.COLUMNS, {"first_group": 0, "last_group": 3}),
    ({"first_group": 4, "last_group": 4}, Refusal.COLUMNS, {"first_group": 3}),
    ({"shift": 32}, Refusal.SHIFT, {"shift": 31}),
    ({"output_bits": 7}, Refusal.OUTPUT_BITS, {"output_bits": 6}),
    ({"output_bits": 0}, Refusal.OUTPUT_BITS, {"output_bits": 4}),
    ({"input_bits": 9}, Refusal.INPUT_BITS, {"input_bits": 8}),
    ({"input_bits": 5}, Refusal.INPUT_BITS, {"input_bits": 4}),
    ({"reads": 0}, Refusal.READS, {"reads": 1}),
    ({"reads": 129}, Refusal.READS, {"reads": 128}),
    ({"reads": 4095}, Refusal.READS, {"reads": 127}),
    ({"read_mode": 1, "reads": 33}, Refusal.READS, {"read_mode": 1, "reads": 32}),
    ({"read_mode": 2, "reads": 15}, Refusal.READS, {"read_mode": 2, "reads": 14}),
    ({"read_mode": 3, "reads": 2}, Refusal.READS, {"read_mode": 3, "reads": 1}),
    ({"read_mode": 3, "reads": 5, "input_bits": 6}, Refusal.READS,
     {"read_mode": 3, "reads": 4, "input_bits": 6}),
    ({"sums": 1, "reads": 65}, Refusal.READS, {"sums": 1, "reads": 64}),
    ({"residual_shift": MOST_SHIFT + 1}, Refusal.RESIDUAL,
     {"residual_shift": MOST_SHIFT, "residual": 1, "residual_scale": 255}),
    ({"source": 1}, Refusal.ACTIVATIONS, {}),
    ({"destination": 2}, Refusal.ACTIVATIONS, {"destination": 1}),
    ({"kind": 5}, Refusal.LOCKED, {"kind": 4}),
]


@pytest.mark.parametrize(("wrong", "code", "right"), SINGLE)
def test_one_descriptor(wrong, code, right):
    assert refusal({}, wrong) == (code, 1)
    assert legal({}, right)


@pytest.mark.parametrize(("config", "wrong", "code"), [
    (NO_DRIFT, {"kind": 2}, Refusal.KIND), (NO_DRIFT, {"kind": 3}, Refusal.KIND),
    (NO_DRIFT, {"kind": 4}, Refusal.KIND), (NO_PROGRAM, {"kind": 5}, Refusal.KIND),
    (ONE_PHASE, {"read_mode": 1}, Refusal.READ_MODE),
    (ONE_PHASE, {"read_mode": 3, "reads": 0}, Refusal.READ_MODE),
    (NARROW, {"output_bits": 6}, Refusal.INPUT_BITS),
    (NARROW, {"output_bits": 8, "input_bits": 6}, Refusal.OUTPUT_BITS),
    (PLAIN_LANES, {"residual": 1}, Refusal.RESIDUAL), (PLAIN_LANES, {"sums": 1}, Refusal.SUMS),
    (PLAIN_LANES, {"destination": 3}, Refusal.DESTINATION),
    (NO_BUFFER, {"source": 1}, Refusal.SOURCE),
    (NO_BUFFER, {"destination": 2}, Refusal.DESTINATION)])
def test_what_is_not_built(config, wrong, code):
    assert refusal(wrong, config=config, unlocked=True) == (code, 0)
    if code not in (Refusal.READ_MODE, Refusal.OUTPUT_BITS, Refusal.INPUT_BITS):
        assert refusal(wrong, unlocked=True)[0] in (Refusal.NONE, Refusal.ACTIVATIONS)


@pytest.mark.parametrize(("chain", "wanted"), [
    ([LEAVES, RESUMES], (0, 0)),
    ([LEAVES, {**LEAVES, **RESUMES}, RESUMES], (0, 0)),
    ([LEAVES, LEAVES, RESUMES], (Refusal.RESUME, 1)),
    ([LEAVES, {}], (Refusal.RESUME, 1)),
    ([LEAVES, {"kind": 1}], (Refusal.RESUME, 1)),
    ([LEAVES, {"kind": 4}, RESUMES], (Refusal.RESUME, 1)),
    ([LEAVES, RESUMES, RESUMES], (Refusal.RESUME, 2)),
    ([LEAVES, {"kind": 6}], (Refusal.KIND, 1)),
    ([LEAVES, {**LEAVES, **RESUMES}], (Refusal.DESTINATION, 1)),
    ([{}, LEAVES], (Refusal.DESTINATION, 1)),
    ([{**LEAVES, "repeat": 2}, RESUMES], (Refusal.REPEAT, 0)),
    ([LEAVES, {**RESUMES, "repeat": 2}], (Refusal.REPEAT, 1)),
    ([{**LEAVES, "sums": 1}, RESUMES], (0, 0)),
    ([LEAVES, {**RESUMES, "sums": 1}], (Refusal.SUMS, 1)),
    ([{**LEAVES, "bank": 2}, {**RESUMES, "bank": 2}], (0, 0)),
    ([{**LEAVES, "bank": 2}, {**RESUMES, "bank": 1}], (Refusal.BANK, 1)),
    ([{**LEAVES, "bank": 1}, RESUMES], (Refusal.BANK, 1)),
    ([{"bank": 1}, {"bank": 2}], (0, 0)),
    ([{**LEAVES, "first_group": 1}, {**RESUMES, "first_group": 1}], (0, 0)),
    ([{**LEAVES, "first_group": 1}, RESUMES], (Refusal.COLUMNS, 1)),
    ([{**LEAVES, "last_group": 1}, RESUMES], (Refusal.COLUMNS, 1)),
    ([{**LEAVES, "rows": 4}, {**RESUMES, "first_beat": 2, "rows": 4}], (0, 0)),
    ([{**LEAVES, "reads": 100}, {**RESUMES, "reads": 28}], (0, 0)),
    ([{**LEAVES, "reads": 100}, {**RESUMES, "reads": 29}], (Refusal.READS, 1)),
    ([{**LEAVES, "reads": 60}, {**LEAVES, **RESUMES, "reads": 60}, {**RESUMES, "reads": 8}],
     (0, 0)),
    ([{**LEAVES, "reads": 60}, {**LEAVES, **RESUMES, "reads": 60}, {**RESUMES, "reads": 9}],
     (Refusal.READS, 2)),
    ([{**LEAVES, "read_mode": 1, "reads": 31}, {**RESUMES, "reads": 4}], (0, 0)),
    ([{**LEAVES, "read_mode": 1, "reads": 31}, {**RESUMES, "reads": 5}], (Refusal.READS, 1)),
    ([{**LEAVES, "sums": 1, "reads": 40}, {**RESUMES, "reads": 24}], (0, 0)),
    ([{**LEAVES, "sums": 1, "reads": 40}, {**RESUMES, "reads": 25}], (Refusal.READS, 1)),
    ([{"reads": 128}, {"reads": 128}], (0, 0)),
])
def test_sums_that_stay(chain, wanted):
    assert refusal(*chain) == wanted


@pytest.mark.parametrize(("chain", "wanted"), [
    ([TO_BUFFER, FROM_BUFFER], (0, 0)),
    ([{**TO_BUFFER, "repeat": 3}, {**FROM_BUFFER, "repeat": 3}], (0, 0)),
    ([{**TO_BUFFER, "repeat": 4}, {**FROM_BUFFER, "repeat": 4}], (Refusal.ACTIVATIONS, 0)),
    ([{**TO_BUFFER, "repeat": 2}, {**FROM_BUFFER, "repeat": 3}], (Refusal.ACTIVATIONS, 1)),
    ([{**TO_BUFFER, "repeat": 3}, {**FROM_BUFFER, "repeat": 2}], (Refusal.ACTIVATIONS, 1)),
    ([{**TO_BUFFER, "repeat": 3}, {"kind": 1}], (Refusal.ACTIVATIONS, 1)),
    ([{**TO_BUFFER, "repeat": 3}, {"kind": 1}, {**FROM_BUFFER, "repeat": 3}], (0, 0)),
    ([{**TO_BUFFER, "repeat": 3}, {**FROM_BUFFER, "repeat": 1, "reads": 3}], (0, 0)),
    ([{**TO_BUFFER, "repeat": 3}, {**FROM_BUFFER, "repeat": 2, "reads": 2}],
     (Refusal.ACTIVATIONS, 1)),
    ([{**TO_BUFFER, "repeat": 2}, TO_BUFFER, {**FROM_BUFFER, **TO_BUFFER, "repeat": 3},
      {**FROM_BUFFER, "repeat": 3}], (0, 0)),
    ([{**TO_BUFFER, "repeat": 2}, {**TO_BUFFER, "repeat": 2}, {**FROM_BUFFER, "repeat": 4}],
     (Refusal.ACTIVATIONS, 1)),
    ([{**TO_BUFFER, "repeat": 2}, {**FROM_BUFFER, **LEAVES}, {**FROM_BUFFER, **RESUMES}], (0, 0)),
    ([{**FROM_BUFFER, **TO_BUFFER}, {}], (Refusal.ACTIVATIONS, 0)),
    ([{**TO_BUFFER, "repeat": 65535}, FROM_BUFFER], (Refusal.ACTIVATIONS, 0)),
    ([TO_BUFFER, {**FROM_BUFFER, "repeat": 65535, "reads": 128}], (Refusal.ACTIVATIONS, 1)),
    # 65536 vectors: what a product cut to 16 bits takes for none.
    ([TO_BUFFER, {**FROM_BUFFER, "repeat": 32768, "reads": 2}], (Refusal.ACTIVATIONS, 1)),
])
def test_activations(chain, wanted):
    assert refusal(*chain) == wanted


@pytest.mark.parametrize(("wrong", "code"), [
    ({"repeat": 0}, Refusal.REPEAT), ({"repeat": 2}, Refusal.REPEAT), ({"rows": 9}, Refusal.ROWS),
    ({"first_group": 3, "last_group": 2}, Refusal.COLUMNS)])
def test_programming(wrong, code):
    job = {"kind": 5, "shift": 63, "output_bits": 1, "reads": 0, "source": 3, "bank": 3}
    assert legal(job, unlocked=True)
    assert refusal(job) == (Refusal.LOCKED, 0)
    assert refusal({**job, **wrong}) == (code, 0) == refusal({**job, **wrong}, unlocked=True)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_other_jobs_ignore_the_rest(kind):
    everything = {f.name: (1 << f.width) - 1 for word in WORDS for f in word}
    assert legal({**everything, "kind": kind})
    assert legal({**dict.fromkeys(everything, 0), "kind": kind})


def test_shared_counters_do_not_narrow_the_columns():
    assert legal({"first_group": 1, "last_group": 2}, config=BLOCKS)


def test_a_lean_tile():
    plain = Descriptor(settings=Settings(reads=4, read_mode="four_phase")).words(lean)
    assert check_chain([plain], lean, 0, 0, unlocked=False) == (0, 0)
