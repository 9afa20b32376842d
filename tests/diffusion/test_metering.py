"""Peaks of memory while something runs."""

import sys
from pathlib import Path

import pytest
import torch

from diffusion import metering
from diffusion.metering import Metering

MEGABYTE = 2**20


def peak_of(megabytes: int) -> int:
    """What a meter says of a call that holds so much for a moment."""
    meter = Metering()
    meter.begin()
    torch.ones(megabytes * MEGABYTE, dtype=torch.uint8)
    return meter.end()["host"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")
def test_the_peak_is_that_of_the_call_and_not_of_what_was_before() -> None:
    highest, idle = peak_of(400), peak_of(0)
    assert idle <= highest
    if idle > highest - 300 * MEGABYTE:
        pytest.skip("this kernel forgets no peaks: each is that of the whole life")
    large = peak_of(200)
    assert large - idle > 150 * MEGABYTE
    assert peak_of(0) < large - 100 * MEGABYTE


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
