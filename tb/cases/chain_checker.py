"""ChainChecker: random chains, legal, nearly so and wild, against golden; the clocks it takes."""

from golden.array.modes import READ_MODES
from golden.chain_checker import check_chain
from golden.descriptors import WORDS, words
from golden.presets import lean, tiny
from golden.refusals import Refusal
from hw.control.chain_checker import ChainChecker
from tb.agents.script import ScriptAgent
from tb.cases.chains import Chains, mutate, pattern

CONFIGS = {
    "tiny": tiny,
    "lean": lean,
    "narrow": tiny.replace(drive={"input_bits": 6, "read_modes": ("one_phase", "split")},
                           nmpu={"output_bits": 6}),
    "one_descriptor": tiny.replace(control={"descriptors": 1}, nmpu={"max_reads": 200,
                                                                     "accumulator_bits": 31}),
    "full": tiny.replace(array={"rows": 1024, "columns": 1024}, nmpu={"residual": False},
                         drift={"vectors": 4}, control={"descriptors": 256, "activations": 256}),
}
VARIANTS = tuple(CONFIGS)
OUTPUTS = ("index", "done", "refusal", "at")
TRIALS = 1500


def build(variant):
    return ChainChecker(CONFIGS[variant])


def trial(config, rng, chains):
    """A table, the parts of it that are asked for, and what a bench may spoil."""
    depth = config.control.descriptors
    length = min(1 + int(rng.integers(8)), depth)
    first = int(rng.integers(depth - length + 1))
    jobs = chains.chain(length)
    for _ in range(int(rng.choice([0, 0, 0, 1, 1, 1, 2, 6]))):
        jobs = mutate(jobs, rng)
    last, bad = first + length - 1, set()
    if rng.random() < 0.05:
        bad = {first + int(rng.integers(length))}
    if rng.random() < 0.05:
        first, last = [(first + 1, first), (255, 0), (first, int(rng.integers(depth, 256)) if
                                                      depth < 256 else 0)][rng.integers(3)]
    elif rng.random() < 0.1:
        last = int(rng.integers(first, last, endpoint=True))  # a chain cut short
    return jobs, first, last, bad, bool(rng.random() < 0.8)


def script(config, rng):
    chains, tally = Chains(config, rng), dict.fromkeys(Refusal, 0)
    for _ in range(TRIALS):
        jobs, first, last, bad, unlocked = trial(config, rng, chains)
        place = min(first, config.control.descriptors - 1)
        table = {place + k: job for k, job in enumerate(jobs)}
        as_words = [words(table[k]) if k in table else [0] * len(WORDS)
                    for k in range(config.control.descriptors)]
        refusal, at = check_chain(as_words, config, first, last, unlocked=unlocked,
                                  bad_parity=bad)
        tally[refusal] += 1
        patterns = {k: pattern(job) for k, job in table.items()}

        steady = {"first": first, "last": last, "unlocked": int(unlocked)}
        seen = yield {**steady, "start": 1}
        clocks, wanted = 0, 1 if refusal is Refusal.RANGE else (
            (last if refusal is Refusal.NONE else at) - first + 4)
        while True:
            index = seen["index"]
            # A second start, before the end, is none.
            seen = yield {**steady, "start": int(clocks + 1 < wanted and rng.random() < 0.2),
                          "descriptor": patterns.get(index, 0), "parity_error": int(index in bad)}
            clocks += 1
            if seen["done"]:
                break
            assert clocks < wanted, f"{refusal.name} must be found after {wanted} clocks"
        assert clocks == wanted, f"{refusal.name} must take {wanted} clocks, not {clocks}"
        found = Refusal(seen["refusal"]), seen["at"]
        assert found == (refusal, at), f"{(refusal, at)}, not {found}: {table}, {steady}"
        for _ in range(int(rng.integers(3))):
            after = yield {**steady, "start": 0}
            assert not after["done"] and (after["refusal"], after["at"]) == (refusal, at)
    assert tally[Refusal.NONE] > TRIALS // 3, tally
    assert {r for r, count in tally.items() if not count} == impossible(config), tally


def impossible(config):
    """Refusals for which a tile has nothing."""
    return {refusal for refusal, found in (
        (Refusal.READ_MODE, len(config.drive.read_modes) == len(READ_MODES)),
        (Refusal.ACTIVATIONS, not config.control.activations),
        (Refusal.SUMS, config.nmpu.partial_sums and config.control.descriptors == 1),
        (Refusal.LOCKED, not config.program.engine)) if found}


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng), outputs=OUTPUTS,
                       deadline=40 * TRIALS)
