"""Sequential code as an agent: a generator that yields inputs and is sent the outputs."""

__all__ = ["ScriptAgent"]


class ScriptAgent:
    """Runs ``script`` to its end.

    Parameters
    ----------
    script : generator
        Each ``seen = yield inputs`` is one clock.
    outputs : tuple of str
    deadline : int
    """

    def __init__(self, script, *, outputs, deadline):
        self._script = script
        self.outputs = outputs
        self.deadline = deadline
        self.done = False
        self._inputs = next(script)

    def drive(self):
        return self._inputs

    def check(self, seen):
        try:
            self._inputs = self._script.send(seen)
        except StopIteration:
            self.done = True
