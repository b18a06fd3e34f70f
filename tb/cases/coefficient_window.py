"""CoefficientWindow: accesses in and out of the columns, with a memory that answers anything.

With a drift engine every write is repeated into the base; accesses then come as rarely as the
bridge makes them, without they come in every clock.
"""

from golden.registers import COEFFICIENT_BASE
from hw.control.coefficient_window import CoefficientWindow
from hw.nmpu.coefficients import BASE
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "three_groups", "no_engine")


def build(variant):
    return CoefficientWindow(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    columns, engine = CONFIGS[variant].array.columns, CONFIGS[variant].drift.engine
    inputs, outputs = [], []
    answer, tally = {}, {"written": 0, "unaligned": 0, "beyond": 0, "closed": 0, "misfit": 0,
                       "again": 0 if engine else 51}
    again = None
    for clock in range(9000 if engine else 4000):
        column = int(rng.choice([*range(columns), columns, 1 << 9, 1023]))
        near = int(rng.choice([0] * 6 + [1, 2, 3]))
        word, data = int(rng.integers(8)), int(rng.integers(1 << 32))
        may = clock % 3 == 0 or not engine
        row = {"bus.access": int(may and rng.random() < 0.8), "bus.write": int(rng.integers(2)),
               "bus.address": COEFFICIENT_BASE + 32 * column + 4 * word + near, "bus.data": data,
               "bank": int(rng.integers(2)), "closed": int(rng.random() < 0.2),
               "coefficients.fits": int(rng.random() < 0.7),
               "coefficients.exists": int(rng.random() < 0.7),
               "coefficients.read": int(rng.integers(1 << 32))}
        faults = {"unaligned": near != 0, "beyond": column >= columns,
                  "closed": bool(row["closed"]),
                  "misfit": not row["coefficients.fits" if row["bus.write"] else
                                    "coefficients.exists"]}
        allowed = not any(faults.values())
        if row["bus.access"] and sum(faults.values()) == 1:
            tally[next(name for name, found in faults.items() if found)] += 1
        written = int(row["bus.access"] and row["bus.write"] and allowed)
        tally["written"] += written
        wanted = {"coefficients.write": written, "coefficients.bank": 1 - row["bank"],
                  "coefficients.column": column if column < columns else None,
                  "coefficients.word": word,
                  "coefficients.data": data}
        wanted["written"] = written
        wanted["coefficients.inspect"] = int(row["bus.access"] and not row["bus.write"] and allowed)
        if again:
            tally["again"] += 1
            wanted = again | {"written": 0}
        again = engine and written and wanted | {"coefficients.bank": BASE}
        if answer:
            wanted["bus.refused"] = answer["refused"]
            if answer["read"]:
                wanted["bus.read"] = 0 if answer["refused"] else row["coefficients.read"]
        answer = row["bus.access"] and {"refused": int(not allowed),
                                        "read": not row["bus.write"]}
        inputs.append(row)
        outputs.append(wanted)
    assert min(tally.values()) > 50, tally
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
