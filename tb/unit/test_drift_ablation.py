"""What the choice of the representation rests on: small runs of the ablation."""

import numpy as np

from golden.array.device import Ideal, PcmLike
from golden.drift.ablation import CHOSEN, estimates, main, representations
from golden.drift.ablation_tile import REPRESENTATIONS, AblationTile, represent

AGES_S = (25.0, 86400.0, 10 * 365 * 86400.0)
BASE = {"scale": np.array([[1.2, 0.9], [1.0, 1.1]]), "offset": np.array([[0.5, -3.0], [60.0, 0.0]])}


def held(name, gains, betas=(0.0, 0.0)):
    return represent(BASE, np.array(gains), np.array(betas), name)


def test_representations_by_hand():
    # 1.2 is 154/128; twice that is 308, over 255, and 154 in steps of 1/64. The 1.0 of polarity N
    # becomes 256, over 255 too, and its offset of 60 is over 63.5 in either format.
    for name, scale, saturated, exponent in (
            ("U(1,7), saturating", 255 / 128, 3, 0), ("U(2,7), saturating", 308 / 128, 1, 0),
            ("U(1,7) and exponent", 154 / 64, 0, 1), ("U(1,7) and gain register", 308 / 128, 0, 0)):
        got = held(name, [2.0, 1.0])
        assert (got[0][0, 0], *got[2:]) == (scale, saturated, exponent), name
    # U(2,6) has half the steps: 1.2 is 77/64.
    assert held("U(2,6), saturating", [1.0, 1.0])[0][0, 0] == 77 / 64
    assert held("U(1,7), saturating", [2.0, 1.0])[1][1, 0] == 63.5
    assert held(CHOSEN, [2.0, 1.0])[1].tolist() == [[1.0, -3.0], [120.0, 0.0]]
    assert held(CHOSEN, [1.0, 1.0], [2.0, 0.5])[1].tolist() == [[2.5, -2.5], [60.0, 0.0]]


def test_only_the_saturating_scale_of_one_bit_fails_within_ten_years():
    found = representations(AGES_S, [1])
    assert list(found) == list(REPRESENTATIONS)
    saturated = {name: rows[-1, 1] for name, rows in found.items()}
    assert saturated.pop("U(1,7), saturating") > 100 and not any(saturated.values())
    last = {name: rows[-1, 0] for name, rows in found.items()}
    assert last["U(1,7), saturating"] > 2 * last[CHOSEN]
    # The chosen one is within a fifth of a point of the dearest, and better than a coarser scale.
    assert last["U(1,7) and gain register"] < last[CHOSEN]
    assert last[CHOSEN] < last["U(1,7) and gain register"] + 0.002
    assert last[CHOSEN] < last["U(2,6), saturating"]
    assert found[CHOSEN][:, 2].tolist() == [0, 0, 1]


def test_estimates():
    found = estimates(AGES_S, [1])
    error = {key: [cell[0] for cell in cells] for key, cells in found.items()
             if not any(isinstance(cell, str) for cell in cells)}
    assert all(error["tile", inputs][-1] < error["none", "none"][-1] / 2
               for inputs in ("constant", "one_hot", "stored"))
    # One small count after the other is truncated by half a count each, which looks like decay.
    assert found["tile", "one_hot"][-1][1] > found["tile", "stored"][-1][1] + 0.1
    # One vector says little of a single column, and a line through two of them still less.
    assert found["column", "constant"][-1] == "range"
    assert found["fit", "stored"][-1] in ("negative", "range")


def test_an_array_that_does_not_drift_needs_no_gain():
    tile = AblationTile(Ideal(), seed=2)
    gains, betas, _ = tile.at(1e6)
    assert (gains == 1.0).all() and not betas.any()
    assert {row.exponent for row in tile.rows(gains, betas).values()} == {0}


def test_no_counter_saturates_in_the_ablation():
    for inputs in ("constant", "one_hot", "stored"):
        tile = AblationTile(PcmLike(), seed=3, inputs=inputs)
        assert tile.at(25.0)[2].name == "NONE"
        assert tile.largest_current_ua() < 100.0


def test_the_command_prints_both_tables(capsys):
    main(["--seeds", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("| U(") for line in lines) == 5
    assert sum(line.startswith(("| tile", "| column", "| fit", "| none")) for line in lines) == 10
    assert len({line.count("|") for line in lines if line}) == 1
