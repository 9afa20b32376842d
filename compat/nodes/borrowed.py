"""Nodes of ours as classes of ComfyUI's: a pack calls them, or makes its own out of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compat.nodes.declared import declared_of
from compat.nodes.here import STEP, Host, host
from compat.nodes.importing import MissingPart
from compat.nodes.shown import ui_of
from compat.nodes.spec import input_types
from compat.nodes.values import ExecutionBlocker, from_pack, to_pack
from graph.artifacts import Blocked
from graph.axes import Axes
from graph.call import unpack
from graph.nodetype import NodeType
from graph.sockets import Input, Lazy

FUNCTIONS: Mapping[str, str] = {
    "CLIPLoader": "load_clip",
    "CLIPSetLastLayer": "set_last_layer",
    "CLIPTextEncode": "encode clip text",
    "CheckpointLoader": "load_checkpoint",
    "CheckpointLoaderSimple": "load_checkpoint",
    "ConditioningAverage": "addWeighted",
    "ConditioningCombine": "combine",
    "ConditioningConcat": "concat",
    "ConditioningSetArea": "append",
    "ConditioningSetAreaPercentage": "append",
    "ConditioningSetAreaStrength": "append",
    "ConditioningSetMask": "append",
    "ConditioningSetTimestepRange": "set_range",
    "ConditioningZeroOut": "zero_out",
    "ControlNetApply": "apply_controlnet",
    "ControlNetApplyAdvanced": "apply_controlnet",
    "ControlNetLoader": "load_controlnet",
    "DiffControlNetLoader": "load_controlnet",
    "EmptyImage": "generate",
    "EmptyLatentImage": "generate",
    "ImageBatch": "batch",
    "ImageInvert": "invert",
    "ImagePadForOutpaint": "expand_image",
    "ImageScale": "upscale",
    "ImageScaleBy": "upscale",
    "InpaintModelConditioning": "encode positive negative pixels vae mask noise_mask",
    "KSampler": "sample",
    "KSamplerAdvanced": "sample",
    "LatentBlend": "blend",
    "LatentComposite": "composite",
    "LatentCrop": "crop",
    "LatentFlip": "flip",
    "LatentFromBatch": "frombatch",
    "LatentRotate": "rotate",
    "LatentUpscale": "upscale",
    "LatentUpscaleBy": "upscale",
    "LoadImage": "load_image",
    "LoadImageMask": "load_image",
    "LoadLatent": "load",
    "LoraLoader": "load_lora",
    "LoraLoaderModelOnly": "load_lora_model_only",
    "PreviewImage": "save_images",
    "RepeatLatentBatch": "repeat",
    "SaveImage": "save_images",
    "SaveLatent": "save",
    "SetLatentNoiseMask": "set_mask",
    "UNETLoader": "load_unet",
    "VAEDecode": "decode vae samples",
    "VAEDecodeTiled": "decode vae samples",
    "VAEEncode": "encode vae pixels",
    "VAEEncodeForInpaint": "encode vae pixels mask grow_mask_by",
    "VAEEncodeTiled": "encode vae pixels",
    "VAELoader": "load_vae",
}
"""What classes of ComfyUI's nodes.py call their function, and its parameters where they stand otherwise."""
PROGRAM = ("prompt", "extra_pnginfo", "unique_id")
"""What sinks are handed there; ours know it."""
_classes: dict[tuple[int, str], type] = {}


def class_of(name: str) -> type:
    """The class of a node type, ours or a pack's; MissingPart where there is none."""
    program = host()
    node_type = program.registry.get(name)
    if node_type is None:
        raise MissingPart(f"nodes.{name}")
    declared = declared_of(node_type)
    if declared is not None:
        return declared.source
    key = (id(node_type), name)
    if key not in _classes:
        _classes[key] = _made(node_type, program)
    return _classes[key]


def _made(node_type: NodeType, program: Host) -> type:
    function, *order = FUNCTIONS.get(node_type.id, "execute").split()
    names = [*order, *(given.name for given in node_type.inputs if given.name not in order)]

    def call(self: object, *values: Any, **named: Any) -> Any:
        if len(values) > len(names):
            raise TypeError(f"{node_type.id}.{function} takes {len(names)} values, not {len(values)}")
        return call_ours(node_type, dict(zip(names, values, strict=False)) | named)

    fields = {
        "INPUT_TYPES": classmethod(lambda cls: input_types(node_type, program.folders)),
        "RETURN_TYPES": tuple(output.type_name for output in node_type.outputs),
        "RETURN_NAMES": tuple(output.name for output in node_type.outputs),
        "FUNCTION": function,
        "CATEGORY": node_type.category,
        "DESCRIPTION": node_type.help,
        "OUTPUT_NODE": node_type.sink,
        function: call,
    }
    return type(node_type.id, (), fields)


def call_ours(node_type: NodeType, given: Mapping[str, Any]) -> Any:
    """Call a node of ours inside of a pack's, with a pack's values; what it gives is a pack's as well."""
    step = STEP.get()
    unknown = given.keys() - node_type.inputs_by_name.keys() - {*PROGRAM}
    if unknown:
        raise TypeError(f"{node_type.id} has no input {', '.join(sorted(unknown))}")
    arguments = {each.name: _argument(node_type, each, given) for each in node_type.inputs}
    if any(isinstance(value, Blocked) for value in arguments.values()):
        return tuple(ExecutionBlocker() for _ in node_type.outputs)
    if node_type.context is not None:
        if step is None:
            raise RuntimeError(f"{node_type.id} runs within a step only, not while a pack is loaded")
        arguments[node_type.context] = step
    if node_type.axes is not None:
        arguments[node_type.axes] = Axes()
    if node_type.style not in ("plain", "generator"):
        raise MissingPart(f"nodes.{node_type.id}, called within a node")
    result = node_type.run(**arguments)
    if node_type.style == "generator":
        *_, result = result
    outputs, artifacts = unpack(node_type, result)
    types = (output.type_name for output in node_type.outputs)
    made = tuple(to_pack(value, kind) for value, kind in zip(outputs, types, strict=True))
    return {"ui": ui_of(artifacts), "result": made} if artifacts else made


def _argument(node_type: NodeType, given: Input, values: Mapping[str, Any]) -> Any:
    """An argument as our node takes it: literals by the rules of its widget, files by their names."""
    value = values.get(given.name, given.default)
    if value is None and not given.optional:
        raise TypeError(f"{node_type.id} misses its input {given.name}")
    step = STEP.get()
    value = from_pack(value, given.type_name, step.warn if step is not None else print)
    if given.widget is not None and isinstance(value, str | int | float):
        value = given.widget.canonical(value, host().folders)
    if given.list:
        value = list(value) if isinstance(value, list | tuple) else [value] if value is not None else []
    return Lazy(lambda: value) if given.lazy else value


class Classes(Mapping[str, type]):
    """All node types by their ids, as classes."""

    def __getitem__(self, name: str) -> type:
        try:
            return class_of(name)
        except MissingPart as error:
            raise KeyError(name) from error

    def __iter__(self) -> Iterator[str]:
        return iter(host().registry.types)

    def __len__(self) -> int:
        return len(host().registry.types)


class Titles(Mapping[str, str]):
    """All node types' titles by their ids."""

    def __getitem__(self, name: str) -> str:
        node_type = host().registry.get(name)
        if node_type is None:
            raise KeyError(name)
        return node_type.title

    def __iter__(self) -> Iterator[str]:
        return iter(host().registry.types)

    def __len__(self) -> int:
        return len(host().registry.types)
