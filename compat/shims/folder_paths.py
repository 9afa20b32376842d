"""ComfyUI's `folder_paths`: where files lie, by our folders, which are called the same."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from compat.nodes.here import host
from compat.nodes.importing import lacking
from graph.folders import MODEL_EXTENSIONS, WORKING, PathRefused

_missing = lacking(__name__)
supported_pt_extensions = {*MODEL_EXTENSIONS, ".pt2", ".pkl", ".sft"}
extension_mimetypes_cache = {"webp": "image", "fbx": "model"}
_OTHER_NAMES = {"unet": "diffusion_models", "clip": "text_encoders", "t2i_adapter": "controlnet"}
_KINDS = (
    *("checkpoints", "configs", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision"),
    *("style_models", "embeddings", "diffusers", "vae_approx", "controlnet", "gligen", "upscale_models"),
    *("hypernetworks", "photomaker", "classifiers"),
)


def __getattr__(name: str) -> Any:
    root = host().folders.root
    places = {
        "base_path": root,
        "models_dir": root / "models",
        "output_directory": root / "output",
        "input_directory": root / "input",
        "temp_directory": root / "temp",
        "user_directory": root / "user",
    }
    return str(places[name]) if name in places else _missing(name)


def map_legacy(folder_name: str) -> str:
    return _OTHER_NAMES.get(folder_name, folder_name)


class _Paths(list[str]):
    """The folders of a kind; what a pack adds to them is added to the kind."""

    def __init__(self, kind: str, paths: list[str]) -> None:
        super().__init__(paths)
        self._kind = kind

    def append(self, path: str) -> None:
        super().append(path)
        add_model_folder_path(self._kind, path)

    def insert(self, place: Any, path: str) -> None:
        super().insert(place, path)
        add_model_folder_path(self._kind, path, is_default=place == 0)

    def extend(self, paths: Any) -> None:
        for path in paths:
            self.append(path)


class _Kinds(MutableMapping[str, tuple[list[str], set[str]]]):
    """The kinds of model files: where they lie, and their extensions. Packs add their own."""

    def __getitem__(self, kind: str) -> tuple[list[str], set[str]]:
        kind = map_legacy(kind)
        if kind not in tuple(self):
            raise KeyError(kind)
        paths, extensions = host().model_folders.get(kind, ([], set()))
        ours = [str(path) for path in _directories(kind)]
        every = _Paths(kind, [*ours, *(path for path in paths if path not in ours)])
        return every, extensions or (set(supported_pt_extensions) if ours else extensions)

    def __setitem__(self, kind: str, value: Any) -> None:
        paths, extensions = (*value, ())[:2]
        host().model_folders[map_legacy(kind)] = (list(map(str, paths)), set(extensions))

    def __delitem__(self, kind: str) -> None:
        del host().model_folders[map_legacy(kind)]

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*_KINDS, "custom_nodes", *host().model_folders))

    def __len__(self) -> int:
        return len(list(iter(self)))


folder_names_and_paths: MutableMapping[str, tuple[list[str], set[str]]] = _Kinds()


def _directories(kind: str) -> tuple[Path, ...]:
    """Where files of one of ComfyUI's own kinds lie; nowhere of a pack's kind."""
    folders = host().folders
    if kind == "custom_nodes":
        return (folders.root / "custom_nodes",)
    return folders.directories(kind) if kind in _KINDS else ()


def add_model_folder_path(folder_name: str, full_folder_path: str, is_default: bool = False) -> None:
    kind = map_legacy(folder_name)
    paths, _ = host().model_folders.setdefault(kind, ([], set()))
    if str(full_folder_path) not in paths:
        paths.insert(0 if is_default else len(paths), str(full_folder_path))


def get_folder_paths(folder_name: str) -> list[str]:
    return list(folder_names_and_paths[folder_name][0])


def get_filename_list(folder_name: str) -> list[str]:
    """The names of all files of a kind."""
    kind = map_legacy(folder_name)
    paths, extensions = folder_names_and_paths[kind]
    found = set(host().folders.names(kind)) if kind in _KINDS else set()
    for path in paths if kind in host().model_folders else ():
        found.update(filter_files_extensions(recursive_search(path)[0], extensions))
    return sorted(found)


def recursive_search(
    directory: str, excluded_dir_names: list[str] | None = None
) -> tuple[list[str], dict[str, float]]:
    """The files below a folder, and when its folders were changed."""
    files, times = [], {}
    for parent, folders, names in os.walk(directory, followlinks=True):
        folders[:] = [name for name in folders if name not in (excluded_dir_names or ())]
        times[parent] = os.path.getmtime(parent)
        files += [os.path.relpath(os.path.join(parent, name), directory) for name in names]
    return files, times


def filter_files_extensions(files: Any, extensions: Any) -> list[str]:
    if not extensions:
        return sorted(files)
    return sorted(name for name in files if os.path.splitext(name)[-1].lower() in extensions)


def filter_files_content_types(files: list[str], content_types: list[str]) -> list[str]:
    """The files whose names say that they are pictures, or the like."""
    import mimetypes

    kept = []
    for name in files:
        known = mimetypes.guess_type(name)[0] or ""
        kind = extension_mimetypes_cache.get(name.rpartition(".")[2].lower(), known.partition("/")[0])
        if kind in content_types:
            kept.append(name)
    return kept


def get_full_path(folder_name: str, filename: str) -> str | None:
    """The path of a file of a kind, or None; no name leads out of its folders."""
    kind = map_legacy(folder_name)
    folders = host().folders
    if kind in _KINDS:
        try:
            found = folders.find(kind, filename)
        except PathRefused:
            return None
        if found is not None:
            return str(found)
    for folder in host().model_folders.get(kind, ([], set()))[0]:
        path = Path(os.path.abspath(os.path.join(folder, filename)))
        if path.is_relative_to(os.path.abspath(folder)) and path.is_file():
            return str(path)
    return None


def get_full_path_or_raise(folder_name: str, filename: str) -> str:
    path = get_full_path(folder_name, filename)
    if path is None:
        raise FileNotFoundError(f"there is no file {filename!r} in {folder_name}")
    return path


def get_input_directory() -> str:
    return _working("input")


def get_output_directory() -> str:
    return _working("output")


def get_temp_directory() -> str:
    return _working("temp")


def get_user_directory() -> str:
    path = host().folders.root / "user"
    path.mkdir(parents=True, exist_ok=True)
    return str(path)


def _working(kind: str) -> str:
    path = host().folders.folder(kind)
    path.mkdir(parents=True, exist_ok=True)
    return str(path)


def get_directory_by_type(type_name: str) -> str | None:
    return _working(type_name) if type_name in WORKING else None


def get_input_subfolders() -> list[str]:
    root = Path(get_input_directory())
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir())


def annotated_filepath(name: str) -> tuple[str, str | None]:
    """`picture.png [output]` as the name and its folder."""
    for kind in WORKING:
        if name.endswith(f"[{kind}]"):
            return name.removesuffix(f"[{kind}]").rstrip(), _working(kind)
    return name, None


def get_annotated_filepath(name: str, default_dir: str | None = None) -> str:
    """The path of a file of the working folders; PathRefused where the name leads out."""
    own, folder = annotated_filepath(name)
    if folder is None and default_dir is not None:
        return os.path.join(default_dir, own)
    kind = Path(folder).name if folder is not None else "input"
    return str(host().folders.resolve(kind, own))


def exists_annotated_filepath(name: str) -> bool:
    try:
        return os.path.exists(get_annotated_filepath(name))
    except PathRefused:
        return False


def get_save_image_path(
    filename_prefix: str, output_dir: str, image_width: int = 0, image_height: int = 0
) -> tuple[str, str, int, str, str]:
    """Where the next file of a prefix goes: folder, stem, number, the folder below, and the filled prefix."""
    values = {"width": image_width, "height": image_height, **_now()}
    prefix = filename_prefix
    for name, value in values.items():
        prefix = prefix.replace(f"%{name}%", str(value))
    subfolder, stem = os.path.dirname(os.path.normpath(prefix)), os.path.basename(os.path.normpath(prefix))
    folder = os.path.join(output_dir, subfolder)
    if not Path(os.path.abspath(folder)).is_relative_to(os.path.abspath(output_dir)):
        raise PathRefused(f"{filename_prefix!r} leads out of {output_dir}")
    os.makedirs(folder, exist_ok=True)
    numbers = [_number(name, stem) for name in os.listdir(folder)]
    return folder, stem, max(numbers, default=0) + 1, subfolder, prefix


def _now() -> Mapping[str, str]:
    names = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"}
    return {name: time.strftime(form) for name, form in names.items()}


def _number(name: str, stem: str) -> int:
    """The number of a file `stem_00012_.png`, or none."""
    start, _, rest = name[len(stem) :].partition("_")
    digits = rest.partition("_")[0].partition(".")[0]
    return int(digits) if name.startswith(stem) and not start and digits.isdecimal() else 0
