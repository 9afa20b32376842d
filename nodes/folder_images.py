"""The node that reads a folder of pictures as a list."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from graph import Context, NodeError, Range, node
from graph.folders import Folders, PathRefused
from graph.lists import Deferred
from nodes.errors import reported
from nodes.image import PICTURES
from nodes.types import Image, Mask

MOST = 100_000
HELD = 32
Directory = Callable[[str, str], Path]


def pictures_in(folder: str, directory: Path) -> list[Path]:
    """The pictures that lie in a directory itself, sorted by name."""
    if not directory.is_dir():
        message = f"there is no folder {folder!r} in the input folder"
        remedy = "Write the name of a folder below input/, or nothing for input/ itself."
        raise NodeError(message, code="file_not_found", input="folder", remedy=remedy)
    found = (path for path in directory.iterdir() if path.suffix.lower() in PICTURES and path.is_file())
    return sorted(path for path in found if not path.name.startswith("."))


def directory_of(folder: str, whole: Path, resolve: Directory) -> Path:
    """Where a folder below input/ lies; one that leads outside is refused."""
    try:
        return whole if folder.strip() in ("", ".") else resolve("input", folder)
    except PathRefused as error:
        remedy = "Write the name of a folder below input/."
        raise NodeError(str(error), code="path_refused", input="folder", remedy=remedy) from error


def opened(literals: Mapping[str, object], folders: Folders) -> Sequence[Path]:
    """The pictures that the node will read; all of the input folder where its name comes by a link."""
    folder = literals.get("folder")
    if not isinstance(folder, str):
        return [folders.resolve("input", name) for name in folders.names("input", PICTURES)]
    return pictures_in(folder, directory_of(folder, folders.folder("input"), folders.resolve))


@node(
    id="LoadImagesFromFolder",
    title="Load Images (from Folder)",
    category="image",
    lane="io",
    files=opened,
    outputs=("IMAGE", "MASK", "name"),
    search=("open", "directory", "batch", "many", "list"),
)
def load_images_from_folder(
    context: Context,
    folder: Annotated[str, "a folder below input/; nothing for input/ itself"] = "",
    start: Annotated[int, Range(0, MOST), "the first to read, counted from 0"] = 0,
    count: Annotated[int, Range(0, MOST), "how many; 0: all that follow"] = 0,
) -> tuple[list[Image], list[Mask], list[str]]:
    """Read the pictures of a folder as a list, with their names without ending.

    Up to 32 pictures are held; more are read each time that something takes them. A map (docs/format.md)
    takes them one after the other, so that a folder of any size goes through in bounded memory.
    """
    paths = pictures_in(folder, directory_of(folder, context.folder("input"), context.resolve))[start:]
    paths = paths[: count or None]
    names = [path.stem for path in paths]
    if len(paths) > HELD:
        digests = [context.digest(path) for path in paths]
        return _deferred(paths, digests, 0), _deferred(paths, digests, 1), names
    read = []
    for number, path in enumerate(paths):
        context.check_cancelled()
        context.progress(number, len(paths))
        read.append(_read(path))
    return [image for image, _ in read], [mask for _, mask in read], names


def _deferred(paths: Sequence[Path], digests: Sequence[str], part: int) -> list[Any]:
    """One part of what the pictures hold, each read when it is taken and known by its file's content."""
    keys = [f"picture {digest} {part}" for digest in digests]
    return Deferred(lambda place: _read(paths[place])[part], keys)  # type: ignore[return-value]  # a list to nodes


def _read(path: Path) -> tuple[Any, Any]:
    from diffusion.images import read_image

    with reported("folder"):
        return read_image(path)
