"""BankExchange: requests, pinned results, rewriting and banks in use, all at any time."""

from hw.control.bank_exchange import BankExchange
from tb.agents.script import ScriptAgent
from tb.cases.exchange_model import ExchangeModel

VARIANTS = ("all",)
OUTPUTS = ("allowed", "bank", "pending", "closed")
CLOCKS = 30_000


def build(variant):
    return BankExchange()


def script(rng):
    model = ExchangeModel()
    in_use = [0, 0]  # clocks in which windows still need a bank
    within, unfinished = 0, False  # clocks that are left of a result; the next one resumes
    waits, rewriting = False, 0  # the engine waits until nobody needs the bank, then writes
    tally = dict.fromkeys(("exchange", "by pin", "pin", "pin same", "held off", "asked again",
                           "pinned while draining", "asked as it ends"), 0)
    waited = 0  # clocks for which a result could not start
    for _ in range(CLOCKS):
        uses = sum(1 << b for b in range(2) if in_use[b])
        over = within == 0
        # A result of which the sums stay is no place between two results.
        between = int(over and not unfinished and rng.random() < 0.8)
        pinned, bank = int(rng.random() < 0.5), int(rng.integers(2))
        starts = over and rng.random() < 0.5
        # As in the tile: no exchange is asked for while the engine writes, but at its end by it.
        swap = int(rewriting == 1 or (not waits and not rewriting and rng.random() < 0.03))
        inputs = {"swap": swap, "between": between, "pinned": pinned, "pinned_bank": bank,
                  "rewriting": int(waits or rewriting > 0), "uses_bank": uses}
        allowed = model.allowed(pinned=pinned, bank=bank, rewriting=inputs["rewriting"])
        pins = int(starts and pinned and allowed)
        old, closed = model.bank, model.closed(uses)
        seen = yield {**inputs, "pins": pins}
        for name, value in {"allowed": int(allowed), "bank": model.bank,
                            "pending": int(model.asked),
                            "closed": int(closed)}.items():
            assert seen[name] == value, f"{name} must be {value}, not {seen[name]}"

        tally["held off"] += starts and not allowed
        tally["pinned while draining"] += pins and bank != old and bool(uses >> bank & 1)
        tally["asked again"] += swap and model.asked
        count, exchanged = model.count, model.exchanged
        model.clock(swap=swap, between=between, pins=pins, pinned_bank=bank, uses_bank=uses)
        tally["asked as it ends"] += swap and exchanged and not model.exchanged
        tally["exchange"] += model.count > count and not pins
        tally["by pin"] += model.count > count and pins
        tally["pin"] += model.count == count and model.bank != old
        tally["pin same"] += pins and bank == old
        assert not rewriting or (model.bank == old and not closed), "what is written is in use"

        in_use = [max(0, left - 1) for left in in_use]
        within = max(0, within - 1)
        if starts and (allowed or not pinned):
            within, unfinished = int(rng.integers(1, 12)), bool(rng.random() < 0.4)
            in_use[model.bank] = within + int(rng.integers(1, 20))
        # A result that must resume the one before waits for nothing that waits for it.
        waited = waited + 1 if starts and not allowed else 0 if starts else waited
        assert waited < 100, "a result that cannot start"
        if rewriting:
            rewriting -= 1
        elif waits and not closed:
            waits, rewriting = False, int(rng.integers(2, 30))
        elif not waits:
            waits = rng.random() < 0.02
    assert min(tally.values()) > 10, tally


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(rng), outputs=OUTPUTS, deadline=CLOCKS + 10)
