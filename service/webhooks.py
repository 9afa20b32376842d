"""Webhooks: when a run has ended, its record goes to the address that came with it, also after a restart."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Sequence
from typing import Any

import aiohttp
from aiohttp.connector import AddrInfoType

from graph.events import Event, RunFinished
from service.log import Log
from service.protocol import dump

PAUSES = (0.0, 1.0, 4.0, 16.0)  # s before each try
PATIENCE = 10.0  # s for one try


class Unreachable(OSError):
    """An address that a webhook may not go to."""


def refused(address: str, *, local: bool) -> bool:
    """Link-local addresses are those of clouds' secrets; this machine's own are for those who sit at it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    never = ip.is_link_local or ip.is_multicast or ip.is_unspecified
    return never or (ip.is_loopback and not local)


class Webhooks:
    """Tells the ends of runs, each until it was heard once."""

    def __init__(self, log: Log, *, local: bool) -> None:
        self._log, self._local = log, local
        self._tasks: set[asyncio.Task[None]] = set()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._make_socket),
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def start(self) -> None:
        """Tell what ended while nobody could tell it."""
        for run in self._log.untold():
            self._tell_soon(run)

    def hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, RunFinished) and self._log.webhook(event.run) is not None:
                self._tell_soon(event.run)

    async def close(self) -> None:
        """What is not told yet is told after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def _tell_soon(self, run: str) -> None:
        task = asyncio.create_task(self._tell(run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, run: str) -> None:
        address, record = self._log.webhook(run), self._log.run(run)
        if address is None or record is None or record["finished"] is None:
            return
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                await self._post(address, record)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                reason = error.__cause__ or error
                logging.getLogger(__name__).warning("webhook of run %s: %s", run, reason)
                if isinstance(reason, Unreachable):
                    break
            else:
                break
        self._log.told(run)

    async def _post(self, address: str, record: dict[str, Any]) -> None:
        body = {name: value for name, value in record.items() if name not in ("document", "targets")}
        text = dump({"type": "RunFinished", "run": body})
        headers = {"Content-Type": "application/json", "User-Agent": "Tessera"}
        async with self._session.post(
            address, data=text.encode(), headers=headers, allow_redirects=False
        ) as answer:
            if answer.status >= 300:
                raise ValueError(f"{address} answered {answer.status}")

    def _make_socket(self, address: AddrInfoType) -> socket.socket:
        """What is checked is what is connected to, however the name was written and wherever it leads."""
        family, kind, protocol, _, target = address
        if refused(str(target[0]), local=self._local):
            raise Unreachable("this is no address that a webhook may go to")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made
