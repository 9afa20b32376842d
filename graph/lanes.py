"""Lanes: threads that call functions, and an asyncio loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from queue import SimpleQueue

Call = Callable[[], Callable[[], None] | None]
"""What a lane is given: it must not raise, and what it returns is called when the lane is free again."""
PATIENCE = 5.0
"""Seconds that closing waits for a thread; they are daemons and end with the program anyway."""


class Lane:
    """Up to `size` threads, started as they are needed, which take calls in the order submitted."""

    def __init__(self, name: str, size: int) -> None:
        self.size = size
        self._name = name
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._idle = 0
        self._waiting = 0

    def submit(self, call: Call, values: Sequence[object] = ()) -> None:
        """Have a call made. What it is called with decides nothing here."""
        with self._lock:
            self._waiting += 1
            if self._waiting > self._idle and len(self._threads) < self.size:
                name = f"{self._name}-{len(self._threads)}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
        self._calls.put(call)

    def close(self) -> None:
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            call = self._calls.get()
            with self._lock:
                self._idle -= 1
                self._waiting -= 1
            if call is None:
                return
            then = call()
            if then is not None:
                then()
            del call, then  # else they would keep the arguments of the last step alive until the next


class AsyncLane:
    """An asyncio loop in its own thread, started when it is first needed."""

    size = 256

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, work: Coroutine[object, object, None], done: Callable[[], None]) -> Callable[[], None]:
        """Have a coroutine awaited, then `done` called, always. Returns what cancels it, from any thread."""
        loop = self._running()
        tasks: list[asyncio.Task[None]] = []

        def start() -> None:
            task = loop.create_task(work)
            task.add_done_callback(lambda _: done())
            tasks.append(task)

        def stop() -> None:
            for task in tasks:
                task.cancel()

        def stop_from_any_thread() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(stop)

        loop.call_soon_threadsafe(start)
        return stop_from_any_thread

    def close(self) -> None:
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        if not thread.is_alive():
            loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="async", daemon=True)
                self._thread.start()
            return self._loop
