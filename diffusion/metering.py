"""Metering: the most memory that this process held while something ran, on the host and on the device."""

import contextlib
import threading
from collections.abc import Mapping
from pathlib import Path

from diffusion.loaded import loaded_torch

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


class Metering:
    """Peaks between `begin` and `end`. Calls that overlap see one another's."""

    def __init__(self) -> None:
        self._under_way = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            self._under_way += 1
            if self._under_way == 1:
                _forget_peaks()

    def end(self) -> Mapping[str, int]:
        with self._lock:
            self._under_way -= 1
        peaks = {"host": _host_peak(), "device": _device_peak()}
        return {tier: peak for tier, peak in peaks.items() if peak is not None}


def _forget_peaks() -> None:
    with contextlib.suppress(OSError):  # not Linux, or not allowed: the peak is that of the whole life
        CLEAR.write_text(RESET_PEAK)
    torch = loaded_torch()
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.reset_peak_memory_stats()


def _host_peak() -> int | None:
    try:
        status = STATUS.read_text()
    except OSError:
        return None
    lines = (line.split() for line in status.splitlines() if line.startswith("VmHWM:"))
    return next((int(line[1]) * 1024 for line in lines), None)


def _device_peak() -> int | None:
    torch = loaded_torch()
    if torch is None or not torch.cuda.is_initialized():
        return None
    peak: int = torch.cuda.max_memory_allocated()
    return peak
