"""A disk tier for the engine's tests: values that are JSON are stored, all others are not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graph.disk import Disk
from graph.entry import Entry


class JsonCodec:
    """Outputs as JSON; a list counts as changed in place when its length differs."""

    def pack(self, outputs: Sequence[object]) -> bytes | None:
        try:
            return json.dumps(list(outputs)).encode()
        except TypeError:
            return None

    def unpack(self, data: bytes) -> tuple[object, ...]:
        return tuple(json.loads(data))

    def mark(self, outputs: Sequence[object]) -> object:
        return [len(value) for value in outputs if isinstance(value, list)]


def disk_in(folder: Path, budget: int = 10**8, **options: Any) -> Disk:
    return Disk(folder, budget, JsonCodec(), **options)


def made(value: object, seconds: float = 1.0) -> Entry:
    return Entry((value,), (), seconds)
