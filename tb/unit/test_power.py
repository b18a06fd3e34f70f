"""Power: streams through a netlist, the work they do, records and figures."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from golden.presets import tiny
from tb.power import record, work
from tb.power.record import DEFAULT, MEASURED
from tb.power.report import energies, figures_of_energy, table_of_energy, table_of_power
from tb.power.streams import Streams, pack, unpack
from tb.power.vectors import Columns
from tb.synth import libraries, measure
from tb.synth.liberty import LibertyError
from tb.synth.timing import has_sta
from tb.unit.power_library import library, netlist


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    return library(tmp_path_factory.mktemp("library"))


TOGGLE = [("inv", "INV", {"A": "q", "Y": "qn"}), ("en", "XOR", {"A": "e", "B": "q", "Y": "d"}),
          ("flop", "DFF", {"D": "d", "C": "clk", "Q": "q"})]
"""A bit that changes in every clock with ``e``. Nothing resets it."""


def test_words_of_bits():
    bits = np.random.default_rng(1).integers(0, 2, (3, 2, 128)).astype(bool)
    words = pack(bits)
    assert words.shape == (3, 2, 2) and words[0, 0, 0] >> np.uint64(5) & 1 == bits[0, 0, 5]
    np.testing.assert_array_equal(unpack(words), bits)


def test_streams_are_independent_and_counted(cells):
    design = netlist(TOGGLE, inputs=("e",), outputs=("q", "qn"))
    rng = np.random.default_rng(2)
    e = rng.integers(0, 2, (40, 1, 64)).astype(bool)
    activity, seen = Streams(design, cells).run({"e": e}, counted=slice(8, 40), rng=rng)
    start = seen["q"][0]
    assert 0 < start.sum() < 64, "a state without reset is random"
    wanted = start ^ np.concatenate([np.zeros((1, 1, 64), bool), e.cumsum(axis=0)[:-1] % 2 > 0])
    np.testing.assert_array_equal(seen["q"], wanted)
    np.testing.assert_array_equal(seen["qn"], ~wanted)
    q, = design.outputs["q"]
    assert activity.changes[q] == (wanted[7:-1] ^ wanted[8:]).mean()
    assert activity.ones[q] == wanted[8:].mean()
    clk, = design.inputs["clk"]
    assert (activity.changes[clk], activity.ones[clk]) == (2, 0.5)


def test_gated_flop_holds_and_its_clock_is_counted(cells):
    design = netlist([
        ("outer", "ICG", {"C": "clk", "E": "a", "G": "g"}),
        ("inner", "ICG", {"C": "g", "E": "b", "G": "h"}),
        ("flop", "DFF", {"D": "d", "C": "h", "QN": "qn"})],
        inputs=("a", "b", "d"), outputs=("g", "h", "qn"))
    rng = np.random.default_rng(3)
    given = {name: rng.integers(0, 2, (50, 1, 64)).astype(bool) for name in "abd"}
    activity, seen = Streams(design, cells).run(given, counted=slice(0, 50), rng=rng)
    passed = given["a"] & given["b"]
    state = ~seen["qn"][0]
    for clock in range(49):
        state = np.where(passed[clock], given["d"][clock], state)
        np.testing.assert_array_equal(seen["qn"][clock + 1], ~state)
    for net, share in (("g", given["a"].mean()), ("h", passed.mean())):
        assert activity.changes[design.outputs[net]] == 2 * share
        assert activity.ones[design.outputs[net]] == share / 2


@pytest.mark.parametrize(("parts", "message"), [
    ([("latch", "LATCH", {"D": "e", "G": "e", "Q": "q"})],
     "^a cell must be a gate, a flip-flop or a clock gate, not LATCH$"),
    ([("inv", "INV", {"A": "clk", "Y": "n"}), ("flop", "DFF", {"D": "e", "C": "n", "Q": "q"})],
     "^a clock must be clk or come from a clock gate$"),
    ([("inv", "INV", {"A": "clk", "Y": "n"}), ("gate", "ICG", {"C": "n", "E": "e", "G": "q"})],
     "^a clock must be clk or come from a clock gate$"),
    ([("one", "INV", {"A": "q", "Y": "n"}), ("two", "INV", {"A": "n", "Y": "q"})],
     "^a netlist must have no loop of gates$")])
def test_what_cannot_be_simulated(cells, parts, message):
    with pytest.raises(ValueError, match=message):
        Streams(netlist(parts, inputs=("e",), outputs=("q",)), cells)


def columns(items, latency):
    return Columns(inputs=[{"a": np.full(64, k)} for k in range(items + latency)],
                   wanted=[np.full(64, -k) for k in range(items)], latency=latency,
                   enable=("en", "also"))


def outputs(wanted, clocks):
    """What is seen at ``o``: bytes by clock, zeros elsewhere."""
    values = np.array([wanted.get(clock, 0) for clock in range(clocks)])
    bits = (values[:, None, None] >> np.arange(8)[:, None] & 1).astype(bool)
    return {"o": np.broadcast_to(bits, (clocks, 8, 64))}


def test_busy_work_has_an_item_in_every_clock():
    found = work.schedule(columns(10, 3))
    assert found.inputs["a"][:, 5].tolist() == list(range(13))
    assert found.inputs["en"].all() and found.inputs["also"].shape == (13, 64)
    assert found.counted == slice(3, 10)
    right = {k + 3: -k & 0xFF for k in range(10)}
    assert found.wrong(outputs(right, 13)) == 0
    assert found.wrong(outputs({**right, 12: 0}, 13)) == 64


def test_work_in_windows_stands_still_between_them():
    found = work.schedule(columns(10, 3), busy=5)
    enabled = np.flatnonzero(found.inputs["en"][:, 0]).tolist()
    assert enabled == [*range(5), *range(128, 133), *range(256, 259)]
    # While it stands the next inputs are there, and do not change.
    assert found.inputs["a"][:, 0].tolist() == [0, 1, 2, 3, 4, *[5] * 124, 6, 7, 8, 9,
                                                *[10] * 124, 11, 12]
    assert found.counted == slice(128, 256)
    right = {3: 0, 4: 0xFF, 128: 0xFE, 129: 0xFD, 130: 0xFC, 131: 0xFB, 132: 0xFA, 256: 0xF9,
             257: 0xF8, 258: 0xF7}
    assert found.wrong(outputs(right, 259)) == 0
    assert found.wrong(outputs({**right, 258: 0, 128: 0}, 259)) == 128


def test_wrong_result_of_a_netlist_is_told(cells, monkeypatch):
    design = netlist([("inv", "INV", {"A": "a", "Y": "y"}),
                      ("flop", "DFF", {"D": "y", "C": "clk", "Q": "o"})],
                     inputs=("a",), outputs=("o",))
    a = np.arange(64) * np.ones((4, 1), int) & 1
    given = work.Work(inputs={"a": a}, counted=slice(0, 4),
                      wrong=lambda seen: int((seen["o"][2, 0] != 1 - a[0]).sum()))
    monkeypatch.setattr(record, "work", lambda block, kind: given)
    assert record.simulate(design, cells, "demo", "busy").changes.shape == (design.nets,)
    wrong = replace(given, wrong=lambda seen: int((seen["o"][2, 0] != a[0]).sum()))
    monkeypatch.setattr(record, "work", lambda block, kind: wrong)
    with pytest.raises(RuntimeError,
                       match="^the netlist of demo gives 64 results that are not golden's$"):
        record.simulate(design, cells, "demo", "busy")


@pytest.mark.skipif(not has_sta(), reason="OpenSTA is missing; on Debian: apt-get install opensta")
def test_default_power_of_a_block(tmp_path, monkeypatch):
    try:
        library = libraries.find_library("nangate45")
    except LibertyError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(measure, "FOLDER", tmp_path)
    found = measure.measure("row_driver", "tiny", tiny, library, period_ns=1.0, power=True)
    power = found["power"]
    energy = power["works"][""]
    assert power["activity"] == DEFAULT == "default activity 0.1"
    assert power["clock_mhz"] == found["timing"]["max_clock_mhz"]
    # Ten flip-flops, each of which takes some fJ per clock.
    assert 0.05 < energy["clock"] < 0.1 < energy["dynamic_pj"] < 0.3
    assert energy["dynamic_mw"] == energy["dynamic_pj"] * power["clock_mhz"] / 1000
    assert energy["changes"] == pytest.approx(0.1)


def measured(block, clock_mhz, **works):
    return {"preset": "hermes", "block": block, "power": {
        "activity": MEASURED, "clock_mhz": clock_mhz, "works": {
            kind: {"dynamic_pj": dynamic, "clock": clock, "leakage_mw": 0.5, "changes": 0.25,
                   "dynamic_mw": dynamic} for kind, (dynamic, clock) in works.items()}}}


RECORDS = [measured("lane", 500.0, busy=(10.0, 4.0), windows=(5.0, 4.0)),
           measured("published_lane", 1000.0, busy=(6.0, 2.0), windows=(3.0, 2.0)),
           measured("fp16_datapath", 500.0, busy=(20.0, 8.0))]


def test_energy_of_a_vector():
    found = energies(RECORDS)
    # 64 lanes, 4 clocks or a window of 128; leakage of 0.5 mW for the time these take.
    lane, windows, fp16 = (found["lane", "busy"], found["lane", "windows"],
                           found["fp16_datapath", "busy"])
    assert (lane.clock, lane.logic, lane.leakage) == (64 * 4 * 4, 64 * 4 * 6, 64 * 0.5 * 8)
    assert windows.total == 64 * 128 * 5 + 64 * 0.5 * 256
    assert fp16.total == 256 * 20 + 0.5 * 512
    values = {f.name: f.value for f in figures_of_energy(found, "make synth")}
    assert values["synth.energy_per_vector_pj"] == windows.total
    assert values["synth.busy_energy_per_vector_pj"] == lane.total
    assert values["synth.energy_per_output_pj"] == windows.total / 256
    assert values["synth.fp16_energy_per_output_pj"] == fp16.total / 256
    assert len(values) == 10


def test_no_energy_of_a_vector_without_both():
    assert figures_of_energy(energies(RECORDS[:2]), "make synth") == []
    guessed = [{**r, "power": {**r["power"], "activity": DEFAULT}} for r in RECORDS]
    assert energies(guessed) == {}
    assert energies([{"preset": "hermes", "block": "tile"}]) == {}


def test_tables_say_where_activity_comes_from():
    guessed = {**RECORDS[0], "block": "sequencer", "power": {
        "activity": DEFAULT, "clock_mhz": 900.0,
        "works": {"": RECORDS[0]["power"]["works"]["busy"]}}}
    console = Console(file=io.StringIO(), width=160)
    console.print(table_of_power([*RECORDS, guessed, {"block": "tile"}]))
    console.print(table_of_energy(energies(RECORDS)))
    text = console.file.getvalue()
    for values in (("lane", f"{MEASURED}, busy", "10.000", "4.000", "500"),
                   ("sequencer", "default activity 0.1", "900"),
                   ("fp16_datapath, busy", "2,048.0", "5,376.0", "21.00")):
        assert any(all(value in line for value in values) for line in text.splitlines()), values
    assert "tile" not in text and table_of_power([{"block": "tile"}]) is None
