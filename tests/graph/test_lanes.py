"""Lanes call what they are given, in at most their number of threads, and end."""

import asyncio
import threading

from graph.lanes import AsyncLane, Lane


def test_a_lane_makes_all_calls_in_at_most_its_threads() -> None:
    lane = Lane("test", 3)
    threads: set[int] = set()
    calls = threading.Semaphore(0)
    together = threading.Barrier(3, timeout=10)

    def call() -> None:
        together.wait()
        threads.add(threading.get_ident())
        calls.release()

    for _ in range(9):
        lane.submit(call)
    for _ in range(9):
        assert calls.acquire(timeout=10)
    lane.close()
    assert len(threads) == 3


def test_a_lane_starts_no_more_threads_than_it_needs() -> None:
    lane = Lane("test", 8)
    for _ in range(5):
        done = threading.Event()
        lane.submit(done.set)
        assert done.wait(10)
        while lane._idle == 0:  # until the thread waits again
            pass
    assert len(lane._threads) == 1
    lane.close()


def test_an_async_lane_calls_back_also_when_it_is_cancelled_before_it_starts() -> None:
    lane = AsyncLane()
    done = threading.Semaphore(0)
    ran = []

    async def work() -> None:
        ran.append(1)
        await asyncio.sleep(0)

    async def forever() -> None:
        await asyncio.Event().wait()

    lane.submit(work(), done.release)
    assert done.acquire(timeout=10)
    stop = lane.submit(forever(), done.release)
    stop()
    assert done.acquire(timeout=10)
    lane.close()
    stop()  # after the end it does nothing
    assert ran == [1]


def test_a_lane_that_was_never_used_closes() -> None:
    Lane("test", 1).close()
    AsyncLane().close()
