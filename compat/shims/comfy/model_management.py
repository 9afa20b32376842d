"""ComfyUI's management of memory, as far as packs ask it: our own takes care of models by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compat.nodes.here import STEP
from compat.nodes.importing import lacking
from graph.context import Cancelled

if TYPE_CHECKING:
    import torch

_missing = lacking(__name__)


def __getattr__(name: str) -> Any:
    if name == "OOM_EXCEPTION":
        import torch

        return torch.OutOfMemoryError
    return _missing(name)


class InterruptProcessingException(Cancelled):
    """The run was cancelled."""


def get_torch_device() -> torch.device:
    """Where networks compute."""
    from diffusion.memory import default_device

    return default_device()


def intermediate_device() -> torch.device:
    """Where what travels on wires lies: the host."""
    import torch

    return torch.device("cpu")


unet_offload_device = text_encoder_offload_device = vae_offload_device = intermediate_device
text_encoder_device = vae_device = get_torch_device


def unet_inital_load_device(parameters: int, dtype: torch.dtype) -> torch.device:
    return intermediate_device()


def is_device_cpu(device: torch.device) -> bool:
    return device.type == "cpu"


def is_device_mps(device: torch.device) -> bool:
    return device.type == "mps"


def is_device_cuda(device: torch.device) -> bool:
    return device.type == "cuda"


def get_autocast_device(device: torch.device | None) -> str:
    return device.type if device is not None else "cuda"


def is_nvidia() -> bool:
    import torch

    return torch.cuda.is_available() and torch.version.cuda is not None


def cpu_mode() -> bool:
    return get_torch_device().type == "cpu"


def mps_mode() -> bool:
    return get_torch_device().type == "mps"


def should_use_fp16(*_: Any, **__: Any) -> bool:
    import torch

    from diffusion.memory import compute_dtype

    return compute_dtype(get_torch_device()) == torch.float16


def should_use_bf16(*_: Any, **__: Any) -> bool:
    import torch

    from diffusion.memory import compute_dtype

    return compute_dtype(get_torch_device()) == torch.bfloat16


def unet_dtype(*_: Any, **__: Any) -> torch.dtype:
    from diffusion.memory import compute_dtype

    return compute_dtype(get_torch_device())


def vae_dtype(*_: Any, **__: Any) -> torch.dtype:
    from diffusion.memory import wide_dtype

    return wide_dtype(get_torch_device())


def dtype_size(dtype: torch.dtype) -> int:
    return dtype.itemsize


def get_free_memory(device: torch.device | None = None, torch_free_too: bool = False) -> Any:
    """Bytes that are free where networks compute, or on another device."""
    import torch

    device = device or get_torch_device()
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else get_total_memory(device)
    return (free, free) if torch_free_too else free


def get_total_memory(device: torch.device | None = None, torch_total_too: bool = False) -> Any:
    """Bytes of a device; of the host, those that this process may use."""
    import torch

    from diffusion.host import allowed_bytes

    device = device or get_torch_device()
    total = torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else allowed_bytes()
    return (total, total) if torch_total_too else total


def soft_empty_cache(force: bool = False) -> None:
    """Give back what torch holds and nobody uses."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def unload_all_models() -> None:
    """Models leave the device when others need the place; a pack has only what is unused given back."""
    soft_empty_cache()


def free_memory(memory_required: float, device: torch.device, keep_loaded: Any = ()) -> list[Any]:
    """The same: what is not used is given back, and no model is unloaded."""
    soft_empty_cache()
    return []


def cleanup_models(*_: Any) -> None:
    """Nothing is left over here."""


def processing_interrupted() -> bool:
    """Whether the run was cancelled."""
    step = STEP.get()
    return step is not None and step.cancelled


def throw_exception_if_processing_interrupted() -> None:
    if processing_interrupted():
        raise InterruptProcessingException
