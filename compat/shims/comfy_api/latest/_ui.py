"""What nodes with a schema show: pictures that are put into the temporary folder, files, and text."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from compat.nodes.importing import MissingPart
from compat.shims import folder_paths
from compat.shims.comfy_api.latest._io import FolderType


def __getattr__(name: str) -> Any:
    raise MissingPart(f"comfy_api.latest.ui.{name}")


class SavedResult(dict[str, str]):
    """A file in one of the program's folders."""

    def __init__(self, filename: str, subfolder: str, type: FolderType) -> None:
        super().__init__(filename=filename, subfolder=subfolder, type=getattr(type, "value", type))


class SavedImages:
    def __init__(self, results: list[SavedResult], is_animated: bool = False) -> None:
        self.results, self.is_animated = results, is_animated

    def as_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"images": self.results}
        return {**shown, "animated": (True,)} if self.is_animated else shown


class ImageSaveHelper:
    """Saves pictures, with what the node was told of the program in them."""

    @staticmethod
    def save_images(
        images: Any, filename_prefix: str, folder_type: FolderType, cls: Any = None, compress_level: int = 4
    ) -> list[SavedResult]:
        """Write each picture of a batch under the next free number."""
        from diffusion.images import save_png

        kind = getattr(folder_type, "value", folder_type)
        root = folder_paths.get_directory_by_type(kind) or folder_paths.get_output_directory()
        height, width = images.shape[-3:-1]
        folder, stem, _, below, _ = folder_paths.get_save_image_path(filename_prefix, root, width, height)
        texts = _texts(getattr(cls, "hidden", None))
        names = [save_png(picture, Path(folder), stem, texts) for picture in images]
        return [SavedResult(name, below, folder_type) for name in names]

    @staticmethod
    def get_save_images_ui(
        images: Any, filename_prefix: str, cls: Any = None, compress_level: int = 4
    ) -> SavedImages:
        found = ImageSaveHelper.save_images(images, filename_prefix, FolderType.output, cls, compress_level)
        return SavedImages(found)


def _texts(hidden: Any) -> dict[str, str]:
    """Prompt and graph, where the node asked for them."""
    prompt, extra = getattr(hidden, "prompt", None), getattr(hidden, "extra_pnginfo", None)
    found = {"prompt": prompt} if prompt is not None else {}
    return {name: json.dumps(value) for name, value in {**found, **(extra or {})}.items()}


class PreviewImage:
    """Pictures [B, H, W, C] as files that are kept until the program ends."""

    def __init__(self, image: Any, animated: bool = False, cls: Any = None, **_: Any) -> None:
        from diffusion.images import save_png

        folder = Path(folder_paths.get_temp_directory())
        stem = f"ComfyUI_temp_{''.join(random.choices('abcdefghijklmnopqrstupvxyz', k=5))}"
        names = [save_png(picture, folder, stem, {}) for picture in image]
        self.values = [SavedResult(name, "", FolderType.temp) for name in names]

    def as_dict(self) -> dict[str, Any]:
        return {"images": self.values}


class PreviewMask(PreviewImage):
    """Masks [B, H, W] as grey pictures."""

    def __init__(self, mask: Any, animated: bool = False, cls: Any = None, **_: Any) -> None:
        grey = mask.reshape(-1, *mask.shape[-2:], 1)
        super().__init__(grey.expand(-1, -1, -1, 3), animated, cls)


class PreviewText:
    def __init__(self, value: str, **_: Any) -> None:
        self.value = value

    def as_dict(self) -> dict[str, Any]:
        return {"text": (self.value,)}
