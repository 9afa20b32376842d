"""The host's memory: what a container may use counts, where it may use less than there is."""

import subprocess
import sys

import pytest

from diffusion.host import allowed_bytes


def test_a_container_may_use_less_than_there_is(tmp_path):
    (tmp_path / "small").write_text("1048576\n")
    (tmp_path / "none").write_text("max\n")
    (tmp_path / "huge").write_text(f"{2**62}\n")
    everything = allowed_bytes(tmp_path / "missing")
    assert everything > 2**20
    assert allowed_bytes(tmp_path / "small") == 2**20
    assert allowed_bytes(tmp_path / "none") == allowed_bytes(tmp_path / "huge") == everything


@pytest.mark.parametrize("name", ["torch", "numpy"])
def test_asking_waits_for_no_heavy_package(name):
    code = f"import sys, diffusion.host; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
