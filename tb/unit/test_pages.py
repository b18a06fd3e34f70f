"""Pages whose examples are run: what they print is what they say."""

import doctest

import pytest

from tb.runner import ROOT


@pytest.mark.parametrize("name", ["calibration.md", "drift.md", "fp16.md", "network.md",
                                  "reads.md", "scale_and_shift.md"])
def test_examples(name):
    result = doctest.testfile(str(ROOT / "docs" / name), module_relative=False, encoding="utf-8")
    assert result.attempted > 9
    assert result.failed == 0
