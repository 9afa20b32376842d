"""Reads files of `torch.save` without running anything in them.

PyTorch's restricted unpickler builds tensors and plain data; every other name in the pickle is an error
before it is looked up. The few harmless names that published checkpoints contain are replaced by stand-ins.
"""

import pickle
import pickletools
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from diffusion.checkpoint.errors import (
    DOWNLOAD_AGAIN,
    CheckpointError,
    DamagedFile,
    MislabelledFile,
    UnsafeFile,
)
from diffusion.checkpoint.pickled_header import LEGACY_PICKLES, WRAPPERS


class Ignored:
    """Stands for classes of training programs whose instances sit beside the weights."""


# What SD1's original checkpoints hold beside tensors: Lightning's callback state and numpy's loss values.
# The first files of textual inversion hold their tensors in torch's module of parameters.
HARMLESS = [
    (Ignored, "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"),
    (Ignored, "torch.nn.modules.container.ParameterDict"),
    (np.dtype, "numpy.dtype"),
    (np.dtypes.Float64DType, "numpy.dtypes.Float64DType"),
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),
    (np._core.multiarray.scalar, "numpy._core.multiarray.scalar"),
]


def load_pickled(path: Path, *, zipped: bool) -> dict[str, Tensor]:
    """The tensors of a `torch.save` file, without the wrappers that programs put around them."""
    if zipped and not any(name.endswith("/data.pkl") for name in members(path)):
        remedy = "Unpack it and use the weights inside."
        raise MislabelledFile(path, given="a zip archive", expected="a PyTorch checkpoint", remedy=remedy)
    if not zipped and first_bytes(path, 2) != b"\x80\x02":
        raise refused(path, "a pickle of a protocol that torch.save does not use")
    return tensors_in(path, load_restricted(path, mapped=zipped))


def first_bytes(path: Path, count: int) -> bytes:
    """The start of a file."""
    with path.open("rb") as file:
        return file.read(count)


def members(path: Path) -> list[str]:
    """The names in a zip archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise damaged(path, error) from error


def load_restricted(path: Path, *, mapped: bool) -> object:
    """Unpickle tensors and plain data only; anything that would run code is refused before it runs."""
    try:
        with torch.serialization.safe_globals(HARMLESS):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        raise refused(path, str(error)) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise damaged(path, error) from error


def refused(path: Path, reason: str) -> CheckpointError:
    """The error for a pickle that the restricted unpickler stopped at: cut off, or asking for code."""
    try:
        asked = sorted(set(names_asked_for(path)))
    except (ValueError, OSError) as broken:
        return damaged(path, broken)
    found = re.search(r"GLOBAL (\S+)", reason)
    culprit = found[1] if found else ", ".join(asked) or reason.partition("\n")[0]
    return UnsafeFile(
        path,
        given=f"a pickle that asks for {culprit}",
        expected="tensors and plain data",
        remedy="It was not run. Get the .safetensors version of this file, from someone you trust.",
    )


def damaged(path: Path, error: Exception) -> DamagedFile:
    """The error for a file that ends early or contradicts itself."""
    given = str(error).partition("\n")[0] or type(error).__name__
    return DamagedFile(path, given=given, expected="a whole PyTorch checkpoint", remedy=DOWNLOAD_AGAIN)


def names_asked_for(path: Path) -> Iterator[str]:
    """The importable names in the pickles of a file, by reading the instructions; ValueError if cut off."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith("/data.pkl"):
                    yield from names_in_pickle(archive.open(name))
        return
    with path.open("rb") as file:
        for _ in range(LEGACY_PICKLES):
            if file.peek(1):
                yield from names_in_pickle(file)


def names_in_pickle(file: BinaryIO) -> Iterator[str]:
    """The names that one pickle imports; nothing is executed."""
    strings: list[str] = []
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name == "GLOBAL":
            yield argument.replace(" ", ".")
        elif opcode.name == "STACK_GLOBAL":
            yield ".".join(strings[-2:])
        elif isinstance(argument, str):
            strings.append(argument)


def tensors_in(path: Path, content: object) -> dict[str, Tensor]:
    """The tensors by name, looking inside the known wrappers."""
    for wrapper in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    entries = content.items() if isinstance(content, Mapping) else ()
    tensors = {name: value for name, value in entries if isinstance(name, str) and isinstance(value, Tensor)}
    if not tensors:
        given = f"a {type(content).__name__} without tensors"
        remedy = "This is no file of weights: look for the model file beside it."
        raise MislabelledFile(path, given=given, expected="named tensors", remedy=remedy)
    return tensors
