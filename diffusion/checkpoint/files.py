"""Opens files of weights: names and shapes at once, tensors when asked for, and no code from the file ever.

`.safetensors` and zipped `torch.save` files are mapped into memory, so that opening costs milliseconds and
untouched weights cost nothing. Which format a file has is read from its first bytes, not from its name.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from diffusion.checkpoint.contents import Header, TensorInfo
from diffusion.checkpoint.errors import DOWNLOAD_AGAIN, DamagedFile
from diffusion.checkpoint.header import find_format, read_safetensors_header
from diffusion.checkpoint.pickles import load_pickled


class Weights(Mapping[str, Tensor]):
    """The tensors of a file by name, read when they are asked for."""

    def __init__(self, path: Path, header: Header, read: Callable[[str], Tensor]) -> None:
        self.path = path
        self.header = header
        self._read = read

    def __getitem__(self, name: str) -> Tensor:
        if name not in self.header.tensors:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.header.tensors)

    def __len__(self) -> int:
        return len(self.header.tensors)

    @property
    def metadata(self) -> dict[str, str]:
        """Free text that the file's maker stored."""
        return self.header.metadata


def open_weights(path: Path | str) -> Weights:
    """The weights in a file, of whichever format its content has; raises a `CheckpointError` otherwise."""
    path = Path(path)
    found = find_format(path)
    if found == "safetensors":
        header = read_safetensors_header(path)
        return Weights(path, header, open_safetensors(path).get_tensor)
    tensors = load_pickled(path, zipped=found == "torch zip")
    return Weights(path, header_of(tensors), tensors.__getitem__)


def header_of(tensors: Mapping[str, Tensor]) -> Header:
    """The header that tensors in memory would have."""
    infos = {
        name: TensorInfo(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        for name, tensor in tensors.items()
    }
    return Header(infos, {})


def open_safetensors(path: Path) -> Any:
    """The library's handle on a file; its tensors are views of the mapped file."""
    try:
        return safe_open(path, framework="pt")
    except SafetensorError as error:
        raise DamagedFile(
            path, given=str(error), expected="a whole safetensors file", remedy=DOWNLOAD_AGAIN
        ) from error
