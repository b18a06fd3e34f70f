"""Sequencer: an array of any speed, settings that change all the time, and bank exchanges."""

from golden.convert.pulse import window_clocks
from golden.settings import Settings
from hw.control.sequencer import Sequencer, settings
from hw.readout.payloads import tag
from tb.agents.script import ScriptAgent
from tb.bits import encode
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "whole")
OUTPUTS = ("load", "input_bits", "active", "tick", "due", "tag", "bank", "swap_pending",
           "busy")
RESULTS = 60


def build(variant):
    return Sequencer(CONFIGS[variant])


class Exchange:
    """What is known of the banks: one exchange per request, before the next result."""

    def __init__(self, rng):
        self._rng = rng
        self.bank, self.asked, self.exchanged = 0, False, False
        self.in_use = [0, 0]
        self.count = 0

    def uses(self):
        return sum(1 << b for b in range(2) if self.in_use[b])

    def captured(self):
        self.in_use[self.bank] = int(self._rng.integers(1, 200))

    def clock(self, swap, between):
        """The end of a clock; ``between`` results and with no read under way."""
        old = 1 - self.bank
        released = self.exchanged and not self.in_use[old]
        if between and self.asked and not self.exchanged:
            self.bank, self.exchanged = old, True
            self.count += 1
        # A request in the very clock in which the last one is done is a new one.
        self.asked = (self.asked and not released) or bool(swap)
        self.exchanged = self.exchanged and not released
        self.in_use = [max(0, left - 1) for left in self.in_use]


def random_settings(config, rng):
    narrow = rng.random() < 0.8
    return Settings(reads=int(rng.choice([1, 2, 3, config.nmpu.max_reads])) if
                    config.nmpu.max_reads > 1 else 1,
                    shift=int(rng.integers(1 << config.nmpu.shift_bits)),
                    relu=bool(rng.integers(2)), output_bits=int(rng.choice([8, 6, 4])),
                    input_bits=int(rng.choice([4, 6] if narrow else [8])))


def fields(s):
    return {"shift": s.shift, "relu": int(s.relu), "output_bits": s.output_bits,
            "input_bits": s.input_bits, "reads": s.reads}


def script(config, rng, max_idle):
    exchange = Exchange(rng)
    vector = False
    done = {"results": 0, "waits_open": 0}
    offered = random_settings(config, rng)

    def clock(captured=0):
        """Inputs of one clock, with everything random that may be."""
        nonlocal vector, offered
        vector = vector or int(rng.integers(0, max_idle, endpoint=True)) == 0
        offered = random_settings(config, rng)
        return {"run": int(rng.random() < 0.9), "vector_valid": int(vector), "captured": captured,
                "settings": encode(settings(config), fields(offered)),
                "swap": int(rng.random() < 0.02), "uses_bank": exchange.uses()}

    def check(seen, *, busy=1, active=0, tick=None, due=0, load=0):
        wanted = {"active": active, "due": due, "load": load, "busy": busy,
                  "bank": exchange.bank, "swap_pending": int(exchange.asked)}
        for name, value in wanted.items():
            assert seen[name] == value, f"{name} must be {value}, not {seen[name]}"
        assert tick is None or seen["tick"] == tick, f"tick must be {tick}, not {seen['tick']}"

    while done["results"] < RESULTS:
        index, held = 0, None
        while held is None or index < held.reads:
            inputs = clock()
            seen = yield inputs
            first = index == 0
            turn = first and exchange.asked and not exchange.exchanged
            load = inputs["run"] and inputs["vector_valid"] and not turn
            check(seen, busy=0, load=int(load))
            exchange.clock(inputs["swap"], between=first)
            done["waits_open"] += not first and exchange.asked
            if not load:
                continue
            vector = False
            held = offered if first else held
            assert seen["input_bits"] == held.input_bits
            bank = exchange.bank
            for tick in range(window_clocks(held.input_bits)):
                inputs = clock()
                seen = yield inputs
                check(seen, active=1, tick=tick)
                exchange.clock(inputs["swap"], between=False)
            # The pins' window closes a clock later; nothing may be captured before.
            inputs = clock()
            seen = yield inputs
            check(seen)
            exchange.clock(inputs["swap"], between=False)
            wanted = encode(tag(config), {
                "first": int(first), "last": int(index == held.reads - 1), "bank": bank,
                "shift": held.shift, "relu": int(held.relu), "output_bits": held.output_bits})
            captured = False
            while not captured:
                captured = rng.random() < 0.3
                inputs = clock(int(captured))
                seen = yield inputs
                check(seen, due=1)
                assert seen["tag"] == wanted, f"{seen['tag']:#x} is not {wanted:#x}"
                exchange.clock(inputs["swap"], between=False)
            exchange.captured()
            index += 1
        done["results"] += 1
    assert exchange.count > 3, "too few exchanges"
    assert config.nmpu.max_reads == 1 or done["waits_open"], "no exchange was asked in a result"


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng, max_idle), outputs=OUTPUTS, deadline=100_000)
