"""The streams of a tile under random operations: what is on its way in, what must come out."""

from collections import deque

import numpy as np

__all__ = ["Inlet", "Outlet"]


class Inlet:
    """An input stream.

    Parameters
    ----------
    source : cocotbext.axi.AxiStreamSource
    send : callable
        Hands it a vector.
    vectors, unended : callable
        Vectors that the tile has taken since the start, and whether one is half taken.
    """

    def __init__(self, source, send, *, vectors, unended):
        self._source, self._send = source, send
        self._vectors, self._unended = vectors, unended
        self._sent, self._taken_before = [], vectors()
        self.pending = []
        """Vectors that were sent, and that no result has used."""

    def send(self, vectors):
        for vector in vectors:
            self._send(vector)
        self._sent += vectors
        self.pending += vectors

    def used(self, count):
        """Results have used the first vectors; they must have been taken."""
        del self.pending[:count]
        taken = self._vectors() - self._taken_before
        assert len(self._sent) - taken <= len(self.pending), "a vector was used and not taken"

    def flushed(self):
        """The tile forgets what it took; what has been offered stays, as the stream wants it.

        Of a vector that was half taken the rest is still offered; the tile drops it.
        """
        ended, half = self._vectors(), self._unended()
        gone = ended - self._taken_before + half
        # The source has one vector at most that it has begun, or is about to.
        self.pending = self._sent[gone:len(self._sent) - self._source.count()]
        self._source.clear()
        self._sent, self._taken_before = list(self.pending), ended + half

    def reset(self):
        self._sent, self.pending, self._taken_before = [], [], self._vectors()


class Outlet:
    """An output stream, and what must come out of it.

    Parameters
    ----------
    sink : cocotbext.axi.AxiStreamSink
    values : callable
        Numbers of a frame of the sink.
    """

    def __init__(self, name, sink, values):
        self._name, self._sink, self._values = name, sink, values
        self._expected = deque()
        self._bank = 0
        self._flushed = False
        self.whole = 0
        """Vectors since the last reset that were not cut off."""

    @property
    def lacking(self):
        """Vectors that have still to come."""
        return len(self._expected)

    def expect(self, vectors):
        """Vectors to come. One of several for each place: which one, may change to a later one
        once; `None` is any."""
        self._bank = 0
        self._expected += vectors

    async def watch(self):
        while True:
            frame = await self._sink.recv()
            if np.any(frame.tuser):
                assert self._flushed, f"{self._name}: a vector was cut off without a flush"
                self._expected.clear()
                continue
            frame.tuser = None
            received = self._values(frame)
            self.whole += 1
            assert self._expected, f"{self._name}: {received} was not expected"
            choices = self._expected.popleft()
            if choices is None:
                continue
            while self._bank < len(choices) - 1 and not np.array_equal(
                    received, choices[self._bank]):
                self._bank += 1
            assert np.array_equal(received, choices[self._bank]), (
                f"{self._name}: {received}, not {' or '.join(map(str, choices))}")

    def flushed(self):
        """What was whole at the pins still comes, a vector that was begun is cut off."""
        self._flushed = True

    def settled(self):
        """After a flush: nothing more comes."""
        self._flushed = False
        self._expected.clear()

    def reset(self):
        self.settled()
        self.whole = 0
