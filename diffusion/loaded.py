"""Whether torch is there, for code that must not be the one that waits for it."""

import gc
import sys
from collections.abc import Mapping
from types import ModuleType


def loaded_torch() -> ModuleType | None:
    """torch, where somebody has imported it, and all of it: another thread may be at it."""
    torch = sys.modules.get("torch")
    is_complete = torch is not None and not getattr(torch.__spec__, "_initializing", False)
    return torch if is_complete else None


class BackgroundTorch:
    """torch, imported beside the server's first answers: it takes seconds."""

    def __init__(self) -> None:
        self._ready = False

    def warm(self) -> None:
        import torch  # noqa: F401  # the import is the work

        gc.collect()
        gc.freeze()  # what is there by now stays: collections need not walk all of torch
        self._ready = True

    def describe(self) -> Mapping[str, object]:
        if not self._ready:
            return {"ready": False, "torch": None, "device": None}
        import torch

        cuda = torch.cuda.is_available()
        device = torch.cuda.get_device_name() if cuda else "cpu"
        memory = (
            dict(zip(("free_bytes", "total_bytes"), torch.cuda.mem_get_info(), strict=True)) if cuda else {}
        )
        return {"ready": True, "torch": torch.__version__, "device": device, "device_memory": memory}
