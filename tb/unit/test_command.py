"""``python -m golden``: files, figures, refusals in one line, nothing half written."""

import json
import subprocess
import sys

import numpy as np
import pytest

from golden.array.crossbar import Crossbar
from golden.array.device import PcmLike
from golden.array.devices import DEVICES
from golden.array.drift_error import drift_error
from golden.command import main
from golden.command.common import age_s, publish
from tb.runner import ROOT

SMALL = ["--rows", "12", "--columns", "10", "--vectors", "5"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_sample(tmp_path, capsys):
    main(["sample", *SMALL, "--ages", "0,1d", "--seed", "3", "--out", str(tmp_path)])
    assert names(tmp_path) == ["sample.npz"]
    assert "pcm_like, 12 x 10, 5 vectors at 2 ages" in capsys.readouterr().out
    with np.load(tmp_path / "sample.npz") as arrays:
        assert arrays["counts"].shape == (2, 5, 2, 10) and arrays["counts"].dtype == np.int64
        assert arrays["x"].shape == (5, 12) and str(arrays["device"]) == "pcm_like"
        # The exponents written are those by which the array aged.
        aged = arrays["g_prog_us"] * ((86400 + 20) / 20) ** -arrays["nu"]
        np.testing.assert_array_equal(arrays["conductances_us"][0], arrays["g_prog_us"])
        np.testing.assert_allclose(arrays["conductances_us"][1], aged, rtol=1e-12)
        np.testing.assert_allclose(np.diff(arrays["target_us"], axis=0)[0],
                                   -25 * arrays["weights"], rtol=1e-12)
        first = dict(arrays)
    main(["sample", *SMALL, "--ages", "0,1d", "--seed", "3", "--out", str(tmp_path)])
    with np.load(tmp_path / "sample.npz") as again:
        for name, value in first.items():
            np.testing.assert_array_equal(again[name], value)


def test_sampled_counts_are_those_of_the_array(tmp_path):
    """Ideal devices: counts can be worked out from what the file holds."""
    main(["sample", *SMALL, "--device", "ideal", "--ages", "0", "--out", str(tmp_path)])
    with np.load(tmp_path / "sample.npz") as a:
        array = Crossbar.from_weights(a["weights"], device=PcmLike(programming_scale=0,
                                      read_scale=0), w_max=1.0, rng=np.random.default_rng(0))
        current = array.currents_ua(a["x"], window_clocks=128, read_voltage_v=0.2, seed=0)
        current = np.minimum(current, 100.0)
        frequency = a["gain_mhz_per_ua"] * current / (1 + a["nonlinearity_per_ua"] * current)
        assert np.abs(a["counts"][0] - (frequency * 0.128 - 0.5)).max() < 0.51


def test_sample_tells_of_currents_beyond_the_limit(tmp_path, capsys):
    main(["sample", "--columns", "8", "--ages", "0,1d", "--out", str(tmp_path)])
    with np.load(tmp_path / "sample.npz") as arrays:
        share = (arrays["currents_ua"] > 100).mean()
    assert 0.05 < share < 0.95
    assert f"{100 * share:.1f} % of the currents beyond" in capsys.readouterr().out


def test_drift(tmp_path, capsys):
    main(["drift", *SMALL, "--device", "pcm_like", "--device", "ideal", "--ages", "1h,1y",
          "--seed", "2", "--out", str(tmp_path)])
    assert names(tmp_path) == ["drift.json", "drift.npz", "drift_error.png", "drift_gain.png"]
    wanted = drift_error(PcmLike(), ages_s=[3600, 31536000], seed=2, rows=12, columns=10,
                         vectors=5)
    tree = json.loads((tmp_path / "drift.json").read_text())
    assert tree["ages"] == ["1h", "1y"] and list(tree["devices"]) == ["pcm_like", "ideal"]
    assert tree["devices"]["pcm_like"]["gain"] == wanted.gain.tolist()
    assert tree["devices"]["ideal"]["gain"] == pytest.approx([1, 1])
    with np.load(tmp_path / "drift.npz") as arrays:
        np.testing.assert_array_equal(arrays["pcm_like.column_gain"], wanted.column_gain)
    for picture in tmp_path.glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
    out = capsys.readouterr().out
    assert f"{wanted.gain[1]:.3f}" in out and "ideal" in out


@pytest.mark.parametrize("devices", ["1", "2"])
def test_program(tmp_path, capsys, devices):
    main(["program", "--devices", devices, "--rows", "60", "--columns", "50",
          "--out", str(tmp_path)])
    assert names(tmp_path) == ["program.json", "program.npz", "program_error.png",
                               "program_pulses.png"]
    figures = json.loads((tmp_path / "program.json").read_text())
    assert figures["g_max_counts"] == 80 * int(devices)
    assert figures["formed"] > 0.99 and figures["converged"] > 0.995
    with np.load(tmp_path / "program.npz") as arrays:
        assert figures["failed_cells"] == (~arrays["converged"]).sum()
        assert figures["pulses_mean"] == arrays["rounds"].mean()
        assert np.abs(arrays["target"]).max() == figures["g_max_counts"]
    assert f"{100 * figures['converged']:.3f} %" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "a command is needed, one of drift, program, sample"),
    (["dance"], "No such command 'dance'."),
    (["drift", "--rows", "0"], "Invalid value for '--rows': 0 is not in the range 1<=x<=4096."),
    (["drift", "--device", "dram"], f"device must be one of {', '.join(DEVICES)}, not 'dram'"),
    (["sample", "--ages", "1h,soon"], "ages must be like 0, 90s, 5min, 1h, 30d or 1y, not 'soon'"),
    (["sample", "--ages", "1.2.3d"],
     "ages must be like 0, 90s, 5min, 1h, 30d or 1y, not '1.2.3d'"),
    (["drift", "--ages", "1d,1h"], "ages must rise, not '1d,1h'"),
    (["sample", "--g-max-us", "-1"], "g_max_us must be greater than 0, not -1.0"),
    (["program", "--gain", "1"],
     "gain must move the current at an error of 5 counts, not 1 in U(4,4)"),
    (["program", "--counts-per-us", "nan"], "counts_per_us must be greater than 0, not nan"),
])
def test_refusals_are_one_line(tmp_path, capsys, arguments, message):
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as stop:
        main([*arguments, *(["--out", str(out)] if len(arguments) > 1 else [])])
    assert stop.value.code == 2
    assert capsys.readouterr() == ("", f"golden: {message}\n")
    assert not out.exists()


def test_an_unwritable_folder_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as stop:
        main(["sample", *SMALL, "--out", str(tmp_path / "file" / "out")])
    assert stop.value.code == 2
    assert capsys.readouterr().err == (
        f"golden: out must be a folder that can be written, not {tmp_path}/file/out: "
        "Not a directory\n")


def test_nothing_is_half_written(tmp_path):
    """The second of two files fails: the first of the run before stays, and no rest is left."""
    (tmp_path / "a").write_text("before")

    def fail(path):
        path.write_text("half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="^no$"):
        publish(tmp_path, {"a": lambda path: path.write_text("after"), "b": fail})
    assert names(tmp_path) == ["a"] and (tmp_path / "a").read_text() == "before"


def test_ages():
    assert [age_s(text) for text in ("0", "90", "2s", "5min", "1.5h", "30 d", "1y", "1e3s")] == [
        0, 90, 2, 300, 5400, 2592000, 31536000, 1000]


def test_module_runs_and_golden_needs_numpy_alone():
    run = subprocess.run([sys.executable, "-m", "golden"], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "golden: a command is needed, one of drift, program, sample\n"
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts)
               for path in (ROOT / "golden").rglob("*.py")
               if "command" not in path.parts and path.name not in (
                   "__init__.py", "__main__.py", "train_digits.py")]
    check = (f"import sys; [__import__(m) for m in {modules}]; "
             "print([m for m in ('click', 'rich', 'matplotlib', 'amaranth') if m in sys.modules])")
    run = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "[]\n", run.stderr
