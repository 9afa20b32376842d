"""Schemas of nodes: types with inputs and outputs, and the base of the classes that have one.

An input is what INPUT_TYPES would say of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from compat.nodes.importing import MissingPart
from compat.nodes.replacing import NodeReplace as NodeReplace
from compat.nodes.values import ExecutionBlocker
from compat.shims.comfy_api.latest._dynamic import Autogrow as Autogrow
from compat.shims.comfy_api.latest._dynamic import DynamicCombo as DynamicCombo
from compat.shims.comfy_api.latest._dynamic import sections


def __getattr__(name: str) -> Any:
    raise MissingPart(f"comfy_api.latest.io.{name}")


class Hidden(str, Enum):  # noqa: UP042  # packs compare it with text
    """What of the program a node is told: `cls.hidden.unique_id`."""

    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"
    dynprompt = "DYNPROMPT"
    auth_token_comfy_org = "AUTH_TOKEN_COMFY_ORG"
    api_key_comfy_org = "API_KEY_COMFY_ORG"


class NumberDisplay(str, Enum):  # noqa: UP042
    number = "number"
    slider = "slider"


class UploadType(str, Enum):  # noqa: UP042
    image = "image_upload"
    audio = "audio_upload"
    video = "video_upload"
    model = "file_upload"


class FolderType(str, Enum):  # noqa: UP042
    input = "input"
    output = "output"
    temp = "temp"


_NAMES = {
    **{"max": "max", "min": "min", "force_input": "forceInput", "dynamic_prompts": "dynamicPrompts"},
    **{"image_folder": "image_folder", "display_mode": "display", "raw_link": "rawLink"},
    **{"widget_type": "widgetType"},
}
"""Options whose names in INPUT_TYPES are others."""
_APART = ("id", "optional", "extra_dict", "upload", "remote")


class _Input:
    """One input: its id, its type, and options as INPUT_TYPES has them."""

    io_type = "*"

    def __init__(
        self, id: str, display_name: str | None = None, optional: bool = False, **options: Any
    ) -> None:
        self.id, self.optional = id, optional
        upload, extra = options.get("upload"), options.get("extra_dict") or {}
        given = {name: value for name, value in options.items() if value is not None and name not in _APART}
        self.options: dict[str, Any] = {
            **({"display_name": display_name} if display_name else {}),
            **{_NAMES.get(name, name): _plain(value) for name, value in given.items()},
            **({upload.value: True} if isinstance(upload, Enum) else {}),
            **extra,
        }

    def spec(self) -> tuple[Any, dict[str, Any]]:
        return self.io_type, self.options


class _Output:
    """One output."""

    io_type = "*"

    def __init__(
        self,
        id: str | None = None,
        display_name: str | None = None,
        tooltip: str | None = None,
        is_output_list: bool = False,
        **_: Any,
    ) -> None:
        self.id, self.display_name = id, display_name
        self.tooltip, self.is_output_list = tooltip, is_output_list


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, type) and issubclass(value, Enum):
        return [each.value for each in value]
    return value


def _typed(name: str, io_type: str) -> type:
    """A type: `Image.Input("picture")`, `Image.Output()`."""
    parts = {
        "io_type": io_type,
        "Type": Any,
        "Input": type("Input", (_Input,), {"io_type": io_type}),
        "Output": type("Output", (_Output,), {"io_type": io_type}),
    }
    return type(name, (), parts)


def Custom(io_type: str) -> type:
    """A type of the pack's own."""
    return _typed(io_type, io_type)


def comfytype(io_type: str, **_: Any) -> Any:
    """Make a class a type of the pack's own."""

    def declare(kind: type) -> type:
        made = _typed(kind.__name__, io_type)
        for name in ("io_type", "Input", "Output"):
            if name not in vars(kind):
                setattr(kind, name, getattr(made, name))
        return kind

    return declare


Boolean, Int, Float = _typed("Boolean", "BOOLEAN"), _typed("Int", "INT"), _typed("Float", "FLOAT")
String, AnyType = _typed("String", "STRING"), _typed("AnyType", "*")
Image, Mask, Latent = _typed("Image", "IMAGE"), _typed("Mask", "MASK"), _typed("Latent", "LATENT")
Conditioning, Model = _typed("Conditioning", "CONDITIONING"), _typed("Model", "MODEL")
Clip, Vae, ControlNet = _typed("Clip", "CLIP"), _typed("Vae", "VAE"), _typed("ControlNet", "CONTROL_NET")
Sampler, Sigmas = _typed("Sampler", "SAMPLER"), _typed("Sigmas", "SIGMAS")
Noise, Guider = _typed("Noise", "NOISE"), _typed("Guider", "GUIDER")
UpscaleModel = _typed("UpscaleModel", "UPSCALE_MODEL")
ClipVision = _typed("ClipVision", "CLIP_VISION")
ClipVisionOutput = _typed("ClipVisionOutput", "CLIP_VISION_OUTPUT")
StyleModel, Gligen = _typed("StyleModel", "STYLE_MODEL"), _typed("Gligen", "GLIGEN")
Audio, Video = _typed("Audio", "AUDIO"), _typed("Video", "VIDEO")
LatentOperation, LoraModel = _typed("LatentOperation", "LATENT_OPERATION"), _typed("LoraModel", "LORA_MODEL")
LossMap, ModelPatch = _typed("LossMap", "LOSS_MAP"), _typed("ModelPatch", "MODEL_PATCH")
Hooks, HookKeyframes = _typed("Hooks", "HOOKS"), _typed("HookKeyframes", "HOOK_KEYFRAMES")
TimestepsRange, Webcam = _typed("TimestepsRange", "TIMESTEPS_RANGE"), _typed("Webcam", "WEBCAM")
FlowControl, Accumulation = _typed("FlowControl", "FLOW_CONTROL"), _typed("Accumulation", "ACCUMULATION")
Point, FaceAnalysis = _typed("Point", "POINT"), _typed("FaceAnalysis", "FACE_ANALYSIS")
BBOX, SEGS = _typed("BBOX", "BBOX"), _typed("SEGS", "SEGS")
AudioEncoder = _typed("AudioEncoder", "AUDIO_ENCODER")
AudioEncoderOutput = _typed("AudioEncoderOutput", "AUDIO_ENCODER_OUTPUT")
Mesh, Voxel = _typed("Mesh", "MESH"), _typed("Voxel", "VOXEL")


class Combo(_typed("Combo", "COMBO")):  # type: ignore[misc]  # made just above
    """One of several choices."""

    class Input(_Input):
        io_type = "COMBO"

        def __init__(self, id: str, options: Any = None, **more: Any) -> None:
            choices = _plain(options)
            super().__init__(id, **more)
            self.options = {"options": list(choices or ()), **self.options}


class MultiCombo(Combo):
    """Several of several choices."""

    class Input(Combo.Input):
        def __init__(self, id: str, options: Any = None, placeholder: str = "", **more: Any) -> None:
            super().__init__(id, options, **more)
            self.options["multi_select"] = {"placeholder": placeholder}


class MultiType:
    """One of several types; a widget of the first where it is given as an input."""

    class Input(_Input):
        def __init__(self, id: Any, types: Sequence[Any], **more: Any) -> None:
            if isinstance(id, _Input):
                self.id, self.optional, self.options = id.id, id.optional, dict(id.options)
                self.options["widgetType"] = id.io_type
                types = [id, *types]
            else:
                super().__init__(id, **more)
            self.io_type = ",".join(dict.fromkeys(each.io_type for each in types))


class MatchType:
    """The same type here and there: any of those that the template allows."""

    class Template:
        def __init__(self, template_id: str, allowed_types: Any = None) -> None:
            several = isinstance(allowed_types, list | tuple)
            allowed: Any = allowed_types if several else [allowed_types or AnyType]
            self.io_type = ",".join(each.io_type for each in allowed)

    class Input(_Input):
        def __init__(self, id: str, template: MatchType.Template, **more: Any) -> None:
            super().__init__(id, **more)
            self.io_type = template.io_type

    class Output(_Output):
        def __init__(self, template: MatchType.Template, **more: Any) -> None:
            super().__init__(**more)
            self.io_type = template.io_type


@dataclass
class Schema:
    """All that a node declares."""

    node_id: str
    display_name: str | None = None
    category: str = "sd"
    inputs: list[_Input] = field(default_factory=list)
    outputs: list[_Output] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    description: str = ""
    search_aliases: list[str] = field(default_factory=list)
    is_input_list: bool = False
    is_output_node: bool = False
    is_deprecated: bool = False
    is_experimental: bool = False
    is_dev_only: bool = False
    is_api_node: bool = False
    not_idempotent: bool = False
    enable_expand: bool = False
    accept_all_inputs: bool = False
    has_intermediate_output: bool = False
    price_badge: Any = None
    essentials_category: str | None = None


class NodeOutput:
    """What a node gives: its outputs, and what it shows."""

    def __init__(
        self, *values: Any, ui: Any = None, expand: Any = None, block_execution: str | None = None
    ) -> None:
        self.args, self.ui, self.expand, self.block_execution = values, ui, expand, block_execution

    @property
    def result(self) -> tuple[Any, ...] | None:
        return self.args or None

    def __getitem__(self, place: int) -> Any:
        return self.args[place]

    def as_result(self) -> dict[str, Any]:
        """The same as a dictionary."""
        blocked = None if self.block_execution is None else ExecutionBlocker(self.block_execution)
        shown = self.ui.as_dict() if hasattr(self.ui, "as_dict") else self.ui
        return {"ui": shown, "result": blocked or self.args, "expand": self.expand}


class HiddenHolder:
    """What a node was told of the program; nothing where it did not ask."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        for each in Hidden:
            setattr(self, each.name, told.get(each.name))


class _Told:
    """A field of a class of the older kind, read off the schema."""

    def __init__(self, read: Callable[[Schema], Any]) -> None:
        self._read = read

    def __get__(self, _: object, kind: type[ComfyNode]) -> Any:
        return self._read(kind.define_schema())


class ComfyNode:
    """The base of the classes that have a schema; what other packs ask of an older class, it tells, too."""

    hidden = HiddenHolder({})
    FUNCTION = "execute"
    RETURN_TYPES = _Told(lambda schema: tuple(each.io_type for each in schema.outputs))
    RETURN_NAMES = _Told(
        lambda schema: tuple(each.display_name or each.id or each.io_type for each in schema.outputs)
    )
    OUTPUT_IS_LIST = _Told(lambda schema: tuple(each.is_output_list for each in schema.outputs))
    OUTPUT_TOOLTIPS = _Told(lambda schema: tuple(each.tooltip for each in schema.outputs))
    CATEGORY = _Told(lambda schema: schema.category)
    DESCRIPTION = _Told(lambda schema: schema.description)
    OUTPUT_NODE = _Told(lambda schema: schema.is_output_node)
    INPUT_IS_LIST = _Told(lambda schema: schema.is_input_list)
    DEPRECATED = _Told(lambda schema: schema.is_deprecated)
    EXPERIMENTAL = _Told(lambda schema: schema.is_experimental)
    API_NODE = _Told(lambda schema: schema.is_api_node)
    NOT_IDEMPOTENT = _Told(lambda schema: schema.not_idempotent)
    SCHEMA = _Told(lambda schema: schema)

    @classmethod
    def define_schema(cls) -> Schema:
        raise NotImplementedError(f"{cls.__name__} declares no schema")

    @classmethod
    def execute(cls, **_: Any) -> NodeOutput:
        raise NotImplementedError(f"{cls.__name__} computes nothing")

    @classmethod
    def GET_SCHEMA(cls) -> Schema:
        return cls.define_schema()

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:
        return input_types(cls.define_schema())


def input_types(schema: Schema) -> dict[str, dict[str, Any]]:
    """What INPUT_TYPES would return."""
    hidden = {each.name: (each.value,) for each in schema.hidden}
    return {**sections(schema.inputs), **({"hidden": hidden} if hidden else {})}
