"""The numerics mode is what torch really does, and known without asking it."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from diffusion import numerics
from diffusion.memory import compute_dtype, default_device

ROOT = Path(__file__).parents[2]


def test_it_says_what_torch_does() -> None:
    device = default_device()
    found = numerics.numerics()
    assert found["device"] == device.type
    assert found["dtype"] == str(compute_dtype(device)).removeprefix("torch.")
    assert f"torch={torch.__version__} device={device.type} " in numerics.numerics_mode()


def test_what_may_come_out_of_a_batch_says_so_in_keys_and_locks() -> None:
    alone, together = numerics.numerics_mode(), numerics.numerics_mode(4)
    assert together == f"{alone} batch=4"
    assert numerics.numerics_mode(1) == alone
    first, second = numerics.environment("1.0"), numerics.environment("1.0", 4)
    assert first["tessera"] == "1.0" and set(first) == {"tessera", "library", "packages", "numerics"}
    assert second == {**first, "numerics": {**first["numerics"], "batch": 4}}  # type: ignore[dict-item]


def test_a_machine_without_a_gpu_is_known_without_torch() -> None:
    code = (
        "import sys\nfrom diffusion import numerics\n"
        "numerics.may_have_gpu = lambda: False\n"
        "print(numerics.numerics_mode(), numerics.library_digest(), numerics.packages())\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("features", "dtype"),
    [({"avx2", "fma"}, "float32"), ({"avx2", "avx512_bf16"}, "bfloat16"), ({"amx_bf16"}, "bfloat16")],
)
def test_another_processor_is_another_mode(
    features: set[str], dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numerics, "_features", lambda: features)
    found = numerics._of_processor()
    monkeypatch.setattr(numerics, "_features", lambda: features | {"avx10"})
    assert found["dtype"] == dtype
    assert numerics._of_processor()["processor"] != found["processor"]


def test_of_a_gpu_everything_that_changes_bits_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as a machine without one can tell."""
    monkeypatch.setattr("diffusion.memory.default_device", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "H100")
    found = numerics._of_gpu()
    assert (found["device"], found["card"], found["dtype"]) == ("cuda", "H100", "float16")
    assert found.keys() >= {"attention", "tf32", "cuda", "cudnn"}
    monkeypatch.undo()
    if not torch.cuda.is_available():  # a build for GPUs on a machine without one
        assert numerics._of_gpu() == numerics._of_processor()


def test_where_only_torch_can_tell_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numerics, "_features", lambda: None)
    found = numerics._of_processor()
    assert found["dtype"] == str(compute_dtype(torch.device("cpu"))).removeprefix("torch.")


def test_the_digest_is_that_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numerics, "__file__", str(tmp_path / "numerics.py"))
    digests = set()
    for code in ("a = 1", "a = 2"):
        (tmp_path / "sampling.py").write_text(code)
        numerics.library_digest.cache_clear()
        digests.add(numerics.library_digest())
        (tmp_path / "more").mkdir(exist_ok=True)
        (tmp_path / "more/pack.txt").write_text("no code")
        digests.add(numerics.library_digest(tmp_path / "more"))
    numerics.library_digest.cache_clear()
    assert len(digests) == 2
    (tmp_path / "more/pack.py").write_text("b = 1")
    assert numerics.library_digest(tmp_path / "more") not in digests
