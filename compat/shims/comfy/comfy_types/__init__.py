"""ComfyUI's names for types of inputs and outputs, for annotations and declarations."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypedDict

from compat.nodes.importing import lacking

__getattr__ = lacking(__name__)

_NAMES = (
    *("STRING", "IMAGE", "MASK", "LATENT", "BOOLEAN", "INT", "FLOAT", "COMBO", "CONDITIONING", "SAMPLER"),
    *("SIGMAS", "GUIDER", "NOISE", "CLIP", "CONTROL_NET", "VAE", "MODEL", "LORA_MODEL", "LOSS_MAP"),
    *("CLIP_VISION", "CLIP_VISION_OUTPUT", "STYLE_MODEL", "GLIGEN", "UPSCALE_MODEL", "AUDIO", "WEBCAM"),
    *("POINT", "FACE_ANALYSIS", "BBOX", "SEGS", "VIDEO", "TRIMESH", "MODEL_3D"),
)


class _Types(str, Enum):  # noqa: UP042  # `!=` is defined, as ANY needs
    """Type names that are text, too."""

    __str__ = str.__str__

    def __ne__(self, other: object) -> bool:
        return str(self.value) != other

    def __eq__(self, other: object) -> bool:
        return str(self.value) == other

    def __hash__(self) -> int:
        return hash(self.value)


_MORE = {"ANY": "*", "NUMBER": "FLOAT,INT", "PRIMITIVE": "STRING,FLOAT,INT,BOOLEAN"}
IO: Any = _Types("IO", {**{name: name for name in _NAMES}, **_MORE})  # type: ignore[call-overload]
InputTypeOptions = dict[str, Any]
HiddenInputTypeDict = dict[str, Any]
InputTypeDict = dict[str, Any]


class FileLocator(TypedDict):
    """A file in one of the program's folders."""

    subfolder: str
    type: str
    filename: str


class ComfyNodeABC:
    """A class that declares a node."""

    DESCRIPTION: str
    CATEGORY: str
    EXPERIMENTAL: bool
    DEPRECATED: bool
    RETURN_TYPES: tuple[str, ...]
    FUNCTION: str


class CheckLazyMixin:
    """Asks for all lazy inputs that are not there yet."""

    def check_lazy_status(self, **given: Any) -> list[str]:
        return [name for name, value in given.items() if value is None]
