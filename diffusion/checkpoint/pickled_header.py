"""Names and shapes of `torch.save` files, without weights and torch, and without running anything in them.

The pickle is read with stand-ins for every name that it asks for: a rebuilt tensor becomes its shape, and
anything else becomes an object that does nothing. Whether the file may be loaded is decided in `pickles.py`.
"""

import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from diffusion.checkpoint.contents import HEADER_LIMIT, Header, TensorInfo
from diffusion.checkpoint.errors import DOWNLOAD_AGAIN, DamagedFile

# Keys under which programs nest the weights: Lightning, Real-ESRGAN twice, and A1111's textual inversions.
WRAPPERS = ("state_dict", "params_ema", "params", "string_to_param")
# A `torch.save` file of before 2020 is four pickles and then the raw storages.
LEGACY_PICKLES = 4

# Names of storage classes -> dtypes and bytes per number.
STORAGES = {
    "DoubleStorage": ("float64", 8),
    "FloatStorage": ("float32", 4),
    "HalfStorage": ("float16", 2),
    "BFloat16Storage": ("bfloat16", 2),
    "LongStorage": ("int64", 8),
    "IntStorage": ("int32", 4),
    "ShortStorage": ("int16", 2),
    "CharStorage": ("int8", 1),
    "ByteStorage": ("uint8", 1),
    "BoolStorage": ("bool", 1),
}


class Inert:
    """Stands for any class or function of a file: takes all arguments and all state, and does nothing."""

    def __init__(self, *arguments: object, **named: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass

    def __setitem__(self, name: object, value: object) -> None:
        pass

    def append(self, value: object) -> None:
        pass

    def extend(self, values: object) -> None:
        pass


class StorageClass(NamedTuple):
    """Which numbers a storage holds."""

    dtype: str
    size: int


class Storage(NamedTuple):
    """A storage by its number in the file."""

    kind: StorageClass
    key: str


class Stored(NamedTuple):
    """A tensor in a storage, from so many numbers on."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]


def rebuilt_tensor(storage: object, offset: object, size: object, *rest: object) -> object:
    """What `torch._utils._rebuild_tensor` and its successor are asked to make."""
    if isinstance(storage, Storage) and isinstance(offset, int) and isinstance(size, tuple):
        return Stored(storage, offset, size)
    return Inert()


def rebuilt_parameter(data: object, *rest: object) -> object:
    """A parameter is its tensor."""
    return data


STAND_INS = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor"): rebuilt_tensor,
    ("torch._utils", "_rebuild_tensor_v2"): rebuilt_tensor,
    ("torch._utils", "_rebuild_parameter"): rebuilt_parameter,
}


class ShapeReader(pickle.Unpickler):
    """Unpickles plain data and shapes."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return StorageClass(*STORAGES[name])
        return STAND_INS.get((module, name), Inert)

    def persistent_load(self, pid: Any) -> object:
        match pid:
            case ("storage", StorageClass() as kind, str(key), *_):
                return Storage(kind, key)
        return Inert()


def read_pickled_header(path: Path, *, zipped: bool) -> Header:
    """Names, shapes and dtypes of a `torch.save` file of either layout."""
    try:
        if zipped:
            return zipped_header(path)
        with path.open("rb") as file:
            for _ in range(LEGACY_PICKLES - 1):
                ShapeReader(file).load()
            return Header(infos(ShapeReader(file).load(), {}), {})
    # A pickle that is cut off or made to harm may raise anything.
    except Exception as error:
        given = str(error).partition("\n")[0] or type(error).__name__
        raise DamagedFile(
            path, given=given, expected="a whole PyTorch checkpoint", remedy=DOWNLOAD_AGAIN
        ) from error


def zipped_header(path: Path) -> Header:
    """The header of a zipped file; its numbers lie uncompressed at places that the archive names."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        members = {member.filename: member for member in archive.infolist()}
        name = next((name for name in members if name.endswith("/data.pkl")), None)
        if name is None or members[name].file_size > HEADER_LIMIT:
            raise ValueError("no pickle of a checkpoint in the archive")
        with archive.open(name) as pickled:
            content = ShapeReader(pickled).load()
        folder = name.removesuffix("data.pkl") + "data/"
        plain = {
            name.removeprefix(folder): member
            for name, member in members.items()
            if name.startswith(folder) and member.compress_type == zipfile.ZIP_STORED
        }
        return Header(infos(content, Starts(file, plain)), {})


class Starts(Mapping[str, int]):
    """Where the storages of an archive begin, looked up when asked: each costs one seek."""

    def __init__(self, file: BinaryIO, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._file, self._members = file, members

    def __getitem__(self, key: str) -> int:
        offset = self._members[key].header_offset
        self._file.seek(offset + 26)  # the lengths of the name and of what else precedes the data
        name, extra = struct.unpack("<HH", self._file.read(4))
        return offset + 30 + int(name + extra)

    def __iter__(self) -> Any:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def infos(content: object, starts: Mapping[str, int]) -> dict[str, TensorInfo]:
    """The tensors in what was unpickled, looking inside the known wrappers."""
    for wrapper in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    entries = content.items() if isinstance(content, Mapping) else ()
    return {
        name: TensorInfo(stored.shape, stored.storage.kind.dtype, start_of(stored, starts))
        for name, stored in entries
        if isinstance(name, str) and isinstance(stored, Stored)
    }


def start_of(stored: Stored, starts: Mapping[str, int]) -> int | None:
    """The byte of the file where a tensor begins; None in files of before 2020."""
    start = starts.get(stored.storage.key)
    return None if start is None else start + stored.offset * stored.storage.kind.size
