"""What the header of a file of weights tells: names, shapes and dtypes of tensors, and metadata."""

from dataclasses import dataclass, field

HEADER_LIMIT = 100_000_000  # bytes of JSON, the limit that safetensors itself sets


@dataclass(frozen=True)
class TensorInfo:
    """Shape and dtype of a stored tensor, and at which byte of the file it begins, where that is known."""

    shape: tuple[int, ...]
    dtype: str
    start: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Header:
    """What a file says about itself without reading any weights."""

    tensors: dict[str, TensorInfo]
    metadata: dict[str, str]
