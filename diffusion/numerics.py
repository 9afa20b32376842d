"""What decides the bits of a result beside its inputs: device, precision, attention, and this library's code.

Imports nothing heavy: on a machine without a GPU it answers without torch, so that planning never waits.
"""

import hashlib
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "numpy", "pillow", "safetensors", "einops")
WIDE = ("avx512_bf16", "amx_bf16")
"""Features of a processor that multiplies bfloat16 natively."""
VECTORS = ("avx", "fma", "amx", "asimd", "sve", "bf16")
"""How names of features begin by which kernels are chosen."""


@cache
def numerics() -> Mapping[str, str]:
    """Device type, processor or card, precision and attention of networks, by name."""
    return _of_gpu() if may_have_gpu() else _of_processor()


def numerics_mode(batch: int = 1) -> str:
    """All of that and torch's version as one text, for keys.

    `batch` is how many pictures may be sampled at once that were asked for one by one: kernels are chosen by
    sizes, so that the last bits may be others.
    """
    known = {"torch": _version("torch"), **numerics(), **({"batch": batch} if batch > 1 else {})}
    return " ".join(f"{name}={value}" for name, value in known.items())


def environment(program: str, batch: int = 1) -> Mapping[str, object]:
    """What a picture depends on beside its workflow and its files."""
    import torch

    computing: dict[str, object] = {**numerics(), "threads": torch.get_num_threads()}
    if batch > 1:
        computing["batch"] = batch
    return {
        "tessera": program,
        "library": library_digest(),
        "packages": dict(packages()),
        "numerics": computing,
    }


@cache
def library_digest(*also: Path) -> str:
    """The digest of the code of this library and other folders, and of the packages they compute with."""
    digest = hashlib.blake2b(digest_size=16)
    for folder in (Path(__file__).parent, *also):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    digest.update(repr(packages()).encode())
    return digest.hexdigest()


@cache
def packages() -> Mapping[str, str]:
    """The versions of Python and of what pictures are computed and written with."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def may_have_gpu() -> bool:
    """Whether torch has to be asked for a GPU: not where its build or the machine has none."""
    return not _version("torch").endswith("+cpu") and Path("/dev/nvidiactl").exists()


def _of_gpu() -> Mapping[str, str]:
    import torch

    from diffusion.memory import compute_dtype, default_device

    device = default_device()
    if device.type != "cuda":
        return _of_processor()
    return {
        "device": device.type,
        "card": torch.cuda.get_device_name(device),
        "dtype": str(compute_dtype(device)).removeprefix("torch."),
        "attention": "sdpa",
        "tf32": str(torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32),
        "cuda": str(torch.version.cuda),
        "cudnn": str(torch.backends.cudnn.version()),
    }


def _of_processor() -> Mapping[str, str]:
    features = _features()
    if features is None:
        import torch

        from diffusion.memory import compute_dtype

        dtype = str(compute_dtype(torch.device("cpu"))).removeprefix("torch.")
        kernels = torch.backends.cpu.get_cpu_capability()
    else:
        dtype = "bfloat16" if features & set(WIDE) else "float32"
        used = sorted(name for name in features if name.startswith(VECTORS))
        kernels = hashlib.blake2b(" ".join(used).encode(), digest_size=4).hexdigest()
    return {
        "device": "cpu",
        "processor": f"{platform.machine()}-{kernels}",
        "dtype": dtype,
        "attention": "sdpa",
    }


def _features() -> set[str] | None:
    """What the processor says it can do; None where only torch can tell."""
    if sys.platform != "linux":
        return None
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, values = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return set(values.split())
    return None


@cache
def _version(name: str) -> str:
    """Reading it takes 0.6 ms, and every plan asks for each of its steps."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
