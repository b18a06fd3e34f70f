"""What the registers of the drift engine must refuse, with and without an engine, busy and idle."""

from golden.registers import DRIFT_BASE, REGISTERS, pack
from tb.bits import mask
from tb.cases.register_file import levels

__all__ = ["drift_rules"]


def drift_rules(p, config, rng):
    """Every rule of the page; without an engine all of it is refused."""
    address = {name: register.offset for name, register in REGISTERS.items()
               if register.offset >= DRIFT_BASE}
    engine, drift = config.drift.engine, config.drift
    tally = {True: 0, False: 0}

    def write(name, allowed, **fields):
        refused = p.write(address[name], pack(name, **fields))
        assert refused == (not engine or not allowed), (name, fields)
        p.read(address[name])
        tally[refused] += 1

    def rules(busy):
        for kind in range(4):
            write("CALIBRATION", not busy and kind < 3, kind=kind, slot=kind & 1, now=1,
                  absolute=kind & 1, value=0x80 + kind, repeats=1)
        for repeats in (0, 1, drift.max_repeats, drift.max_repeats + 1, mask(13)):
            write("CALIBRATION", not busy and 1 <= repeats <= drift.max_repeats, repeats=repeats)
        for value in (0, 1, mask(32)):
            write("DRIFT_MINIMUM", not busy, sum=value)
            write("DRIFT_EVERY", True, results=value)
        write("DRIFT_STATUS", False)
        write("DRIFT_COUNTS", False)
        held = {"method": 2, "stored": drift.vectors}
        write("DRIFT", not busy, **held)
        for method in (0, 1, 2, 3):
            write("DRIFT", not busy and method < 3, method=method)
        for stored in (0, 1, drift.vectors, min(drift.vectors + 1, 31), 31):
            write("DRIFT", not busy and 1 <= stored <= drift.vectors, stored=stored, method=2)
        if not busy:
            write("DRIFT", True, **held)
        write("DRIFT", not busy, method=1, stored=drift.vectors, abort=1)
        write("DRIFT", not busy, method=2, stored=drift.vectors % 16 + 1,
              abort=1) if drift.vectors < 16 and busy else None
        if not busy:
            write("DRIFT", True, **held)
        for commands in range(8):
            told = {name: commands >> k & 1 for k, name in enumerate(("measure", "update",
                                                                      "abort"))}
            both = told["measure"] and told["update"]
            allowed = told["abort"] and not told["measure"] and not told["update"]
            write("DRIFT", allowed if busy else not both, **held, **told)
            for event in ("calibrated", "drift_updated", "drift_refused"):
                if rng.random() < 0.7:
                    p.pulse(event)
                    p.read(address["DRIFT"])
                    p.read(address["DRIFT_COUNTS"])
        for event in ("calibrated", "drift_updated"):
            p.pulse(event)

    rules(False)
    p.set("drift_busy", 1)
    rules(True)
    p.set("drift_busy", 0)
    p.set("programming", 1)
    write("DRIFT", False, stored=1, measure=1)
    write("DRIFT", True, stored=1, update=1)
    p.set("programming", 0)
    p.pulse("drift_updated")
    write("DRIFT", True, stored=1, measure=1)
    p.pulse("calibrated")
    for name in ("refusal", "exponents", "gain"):
        for value in (1, mask(levels(config)[name]), 0):
            p.set(name, value)
            p.read(address["DRIFT_STATUS"])
    for results in (0, 1, 1 << 16, (1 << 16) + 1):
        write("STATISTICS", 1 <= results <= 1 << 16, results=results, shift=31)
    write("STATISTICS", True, results=3, start=1)
    write("STATISTICS", False, results=3)
    p.pulse("batch_done")
    write("STATISTICS", True, results=3)
    assert tally[True] > 10 and (tally[False] > 10 or not engine)
