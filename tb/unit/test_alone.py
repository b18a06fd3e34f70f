"""tb.alone: nobody else comes in, and everybody comes out."""

import multiprocessing

import pytest

from tb.alone import alone

TIMES, PROCESSES = 200, 4


def _count(folder):
    number = folder / "number"
    for _ in range(TIMES):
        with alone(folder):
            number.write_text(str(int(number.read_text()) + 1))


def test_no_count_is_lost(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "number").write_text("0")
    workers = [multiprocessing.get_context("spawn").Process(target=_count, args=(folder,))
               for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    assert (folder / "number").read_text() == str(TIMES * PROCESSES)


def test_a_failure_lets_the_next_one_in(tmp_path):
    for _ in range(2):
        with pytest.raises(KeyError), alone(tmp_path / "folder"):
            raise KeyError
