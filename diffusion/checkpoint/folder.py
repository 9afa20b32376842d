"""Finds the files of a model in a folder as diffusers lays it out: one subfolder for each network.

A network lies in one file or in several that an index names, in full or, as `fp16`, in half precision.
torch is imported only where weights are opened: a plan looks at headers alone.
"""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from diffusion.checkpoint.contents import Header
from diffusion.checkpoint.errors import (
    DOWNLOAD_AGAIN,
    DamagedFile,
    MissingFile,
    UnknownArchitecture,
    UnsafeFile,
)

if TYPE_CHECKING:
    from diffusion.checkpoint.files import Weights

MARK = "model_index.json"
"""The file by which a folder is known to be one of diffusers."""
# safetensors' name of a network's file and that of torch.save, by subfolder.
STEMS = {
    "unet": ("diffusion_pytorch_model", "diffusion_pytorch_model"),
    "vae": ("diffusion_pytorch_model", "diffusion_pytorch_model"),
    "text_encoder": ("model", "pytorch_model"),
    "safety_checker": ("model", "pytorch_model"),
}
VARIANTS = ("", ".fp16", ".bf16")
PREDICTIONS: dict[str, Literal["eps", "v", "x0"]] = {"epsilon": "eps", "v_prediction": "v", "sample": "x0"}
"""By diffusers' names in the record of a scheduler."""


def check_pipeline(folder: Path) -> None:
    """The folder must be a Stable Diffusion pipeline: one UNet, one text encoder, one VAE."""
    index = read_json(folder / MARK)
    kind = index.get("_class_name", "nothing known")
    if not index or "unet" not in index or "text_encoder_2" in index or "prior" in str(kind).lower():
        raise UnknownArchitecture(
            folder.name,
            given=f"a folder of {kind}" if index else f"a folder without {MARK}",
            expected="a folder of diffusers with the subfolders unet, text_encoder and vae",
            remedy="Choose the folder of a Stable Diffusion 1 or 2 model.",
        )


def open_network(folder: Path, part: str) -> "Weights":
    """The weights in a subfolder."""
    from diffusion.checkpoint.files import open_weights

    found = network_path(folder, part)
    return open_sharded(found) if found.suffix == ".json" else open_weights(found)


def network_path(folder: Path, part: str) -> Path:
    """A subfolder's file or index: those that hold no code before others, in full before half precision."""
    found = next((path for path in candidates(folder / part, part) if path.is_file()), None)
    if found is None:
        seen = sorted(path.name for path in (folder / part).glob("*"))[:5] if (folder / part).is_dir() else []
        raise MissingFile(
            f"{folder.name}/{part}",
            given=f"a folder with {', '.join(seen)}" if seen else "no such folder, or an empty one",
            expected=f"{STEMS[part][0]}.safetensors or {STEMS[part][1]}.bin",
            remedy="Download the whole folder of the model, with its subfolders.",
        )
    return found


def candidates(folder: Path, part: str) -> Iterator[Path]:
    """Where the weights of a network may lie, best first."""
    for (stem, suffix), variant in product(zip(STEMS[part], (".safetensors", ".bin"), strict=True), VARIANTS):
        yield folder / f"{stem}{variant}{suffix}"
        yield folder / f"{stem}{variant}{suffix}.index.json"
        yield folder / f"{stem}{suffix}.index{variant}.json"  # as written until 2024


def open_sharded(index: Path) -> "Weights":
    """The weights that an index spreads over files beside it."""
    from diffusion.checkpoint.files import Weights, open_weights

    places = read_json(index).get("weight_map")
    if not isinstance(places, dict) or not places:
        raise DamagedFile(
            index, given="an index without weight_map", expected="names and files", remedy=DOWNLOAD_AGAIN
        )
    files = {name: file for name, file in places.items() if isinstance(file, str)}
    shards = {file: open_weights(beside(index, file)) for file in sorted(set(files.values()))}
    missing = [name for name, file in places.items() if file not in shards or name not in shards[file]]
    if missing:
        raise DamagedFile(
            index,
            given=f"an index of {len(missing)} tensors that are not there, like {missing[0]}",
            expected="every tensor in the file that the index names",
            remedy=DOWNLOAD_AGAIN,
        )
    infos = {name: shards[file].header.tensors[name] for name, file in files.items()}
    return Weights(index, Header(infos, {}), lambda name: shards[files[name]][name])


def files_of(path: Path) -> list[Path]:
    """The files of weights behind a path: those that it names if it is an index, else itself."""
    if path.suffix != ".json":
        return [path]
    return [beside(path, file) for file in sorted(set(read_json(path)["weight_map"].values()))]


def beside(index: Path, file: str) -> Path:
    """The path of a file that an index names; it must lie in the same folder."""
    if Path(file).name != file or "\\" in file or file in ("", ".", ".."):
        raise UnsafeFile(
            index,
            given=f"an index that names {file[:100]!r}",
            expected="names of files beside it",
            remedy="It was not opened. Get the model from someone you trust.",
        )
    return index.parent / file


def read_json(path: Path) -> dict[str, Any]:
    """The record in a file, or none where there is no file."""
    if not path.is_file():
        return {}
    try:
        record = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        given = f"text that is no JSON ({error})"
        raise DamagedFile(path, given=given, expected="JSON", remedy=DOWNLOAD_AGAIN) from error
    if not isinstance(record, dict):
        raise DamagedFile(path, given="another JSON value", expected="an object", remedy=DOWNLOAD_AGAIN)
    return record
