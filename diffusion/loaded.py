"""Whether torch is there, for code that must not be the one that waits for it."""

import sys
from types import ModuleType


def loaded_torch() -> ModuleType | None:
    """torch, where somebody has imported it, and all of it: another thread may be at it."""
    torch = sys.modules.get("torch")
    is_complete = torch is not None and not getattr(torch.__spec__, "_initializing", False)
    return torch if is_complete else None
