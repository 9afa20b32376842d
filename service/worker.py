"""One thread that does jobs in turn, and the one place where what it says crosses to the event loop."""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Message = TypeVar("Message")
Job = Callable[[Callable[[Message], None]], None]


class Worker(Generic[Message]):
    """Jobs get a function to say messages with; `receive` hears them on the loop, in order, in batches."""

    def __init__(self, receive: Callable[[Sequence[Message]], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self._jobs: queue.SimpleQueue[Job[Message] | None] = queue.SimpleQueue()
        self._said: list[Message] = []
        self._lock = threading.Lock()
        # A daemon: a node that ignores its cancellation must not keep the process alive.
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)
        self._thread.start()

    def submit(self, job: Job[Message]) -> None:
        self._jobs.put(job)

    async def close(self, timeout: float) -> bool:
        """Stop after the job at hand; False if that takes longer than the timeout."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join, timeout)
        self._deliver()
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job(self._say)

    def _say(self, message: Message) -> None:
        with self._lock:
            self._said.append(message)
            if len(self._said) > 1:
                return  # The loop has been woken and will take this one too.
        try:
            self._loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:
            self._said.clear()  # The loop is closed: nobody is left to hear.

    def _deliver(self) -> None:
        with self._lock:
            said, self._said = self._said, []
        if said:
            self._receive(said)
