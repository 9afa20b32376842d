"""The memory of the host; imports nothing heavy, so that a server can ask before it has torch."""

import os
from pathlib import Path

GROUP = Path("/sys/fs/cgroup/memory.max")
"""Where a container says how much it may use."""
BUDGET = "TESSERA_MEMORY"
"""The variable of the environment that says in bytes what networks and computing may take."""
UNKNOWN = 8 * 2**30
"""What is taken for the memory of a system that does not tell."""


def allowed_bytes(group: Path = GROUP) -> int:
    """How much memory this process may use."""
    pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    allowed = pages * os.sysconf("SC_PAGE_SIZE") if pages else UNKNOWN
    if group.is_file() and (limit := group.read_text().strip()).isdecimal():
        allowed = min(allowed, int(limit))
    return allowed


def stated_budget() -> int | None:
    """What networks and computing may take, if the environment says so in whole bytes."""
    stated = os.environ.get(BUDGET, "")
    return int(stated) if stated.isdecimal() else None
