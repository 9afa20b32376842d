"""Meters: what a step takes of the machine; the program hands one in, since the engine knows no devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Meter(Protocol):
    """Peak memory of calls, in bytes by tier: `host`, `device`. Any lane may use it."""

    def begin(self) -> None: ...
    def end(self) -> Mapping[str, int]: ...
