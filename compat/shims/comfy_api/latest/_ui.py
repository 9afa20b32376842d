"""What nodes with a schema show: pictures that are put into the temporary folder, files, and text."""

from __future__ import annotations

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
