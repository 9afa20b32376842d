"""Peaks of memory while something runs."""

import os
import sys
from pathlib import Path

import pytest
import torch

from diffusion import metering
from diffusion.metering import Metering

MEGABYTE = 2**20


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")
def test_the_peak_is_that_of_the_call_and_not_of_what_was_before() -> None:
    meter = Metering()
    meter.begin()
    before, resident = meter.end()["host"], resident_bytes()
    meter.begin()
    torch.ones(200 * MEGABYTE, dtype=torch.uint8)
    large = meter.end()["host"]
    meter.begin()
    after = meter.end()["host"]
    assert before <= large
    if before - resident < 50 * MEGABYTE:  # else this kernel forgets no peaks: it is that of the whole life
        assert large - before > 150 * MEGABYTE
        assert after < large - 100 * MEGABYTE


def test_calls_that_overlap_do_not_forget_each_others_peaks() -> None:
    meter = Metering()
    meter.begin()
    torch.ones(200 * MEGABYTE, dtype=torch.uint8)
    meter.begin()
    assert meter.end() == meter.end()


def test_a_machine_that_tells_nothing_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(metering, "STATUS", tmp_path / "missing")
    monkeypatch.setattr(metering, "CLEAR", tmp_path / "missing" / "too")
    meter = Metering()
    meter.begin()
    assert "host" not in meter.end()
