"""hw.control.dispatcher: 0 loops are for ever, which a wide counter would take ages to show."""

import numpy as np

from tb.agents.run_amaranth import run
from tb.cases import dispatcher


def test_for_ever(monkeypatch):
    monkeypatch.setattr("hw.control.dispatcher.LOOP_BITS", 2)
    monkeypatch.setattr(dispatcher, "CLOCKS", 4000)
    run(dispatcher.build("tiny"),
        dispatcher.agent("tiny", np.random.default_rng(1), max_idle=3, max_stall=0))
