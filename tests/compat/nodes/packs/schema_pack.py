"""A pack that declares its nodes by schemas."""

from enum import Enum

import torch
from comfy_api.latest import ComfyAPISync, ComfyExtension, io, ui
from comfy_execution.graph_utils import GraphBuilder
from typing_extensions import override


class Mode(Enum):
    SOFT = "soft"
    HARD = "hard"


class SchemaThreshold(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SchemaThreshold",
            display_name="Threshold (schema)",
            category="image/schema",
            description="Black or white.",
            inputs=[
                io.Image.Input("image", tooltip="a picture"),
                io.Float.Input(
                    "level", default=0.5, min=0.0, max=1.0, step=0.01, display_mode=io.NumberDisplay.slider
                ),
                io.Combo.Input("mode", options=Mode, default="hard"),
                io.Mask.Input("mask", optional=True),
            ],
            outputs=[io.Image.Output(display_name="picture"), io.Int.Output("white", tooltip="how many")],
            hidden=[io.Hidden.unique_id, io.Hidden.prompt],
            is_output_node=True,
            search_aliases=["binary"],
        )

    @classmethod
    def validate_inputs(cls, level):
        return "level: a quarter is not to be had" if level == 0.25 else True

    @classmethod
    def execute(cls, image, level, mode, mask=None) -> io.NodeOutput:
        assert cls.hidden.prompt[cls.hidden.unique_id]["class_type"] == "SchemaThreshold"
        ComfyAPISync().execution.set_progress(1, 2)
        made = (image > level).float() if mode == "hard" else ((image - level) * 10 + 0.5).clamp(0, 1)
        return io.NodeOutput(made, int((made == 1).sum()), ui=ui.PreviewImage(made, cls=cls))


class SchemaSwitch(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        template = io.MatchType.Template("T")
        return io.Schema(
            node_id="SchemaSwitch",
            category="logic/schema",
            inputs=[
                io.Boolean.Input("switch"),
                io.MatchType.Input("on_false", template=template, lazy=True),
                io.MatchType.Input("on_true", template=template, lazy=True),
            ],
            outputs=[io.MatchType.Output(template=template, display_name="output")],
            is_experimental=True,
        )

    @classmethod
    def check_lazy_status(cls, switch, on_false=None, on_true=None):
        return [
            name
            for name, value in (("on_true", on_true), ("on_false", on_false))
            if value is None and switch == (name == "on_true")
        ]

    @classmethod
    async def execute(cls, switch, on_false=None, on_true=None) -> io.NodeOutput:
        if switch and on_true == 0:
            return io.NodeOutput(block_execution="zero leads nowhere")
        return io.NodeOutput(on_true if switch else on_false)


class SchemaExpands(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SchemaExpands",
            inputs=[io.Int.Input("value", default=4)],
            outputs=[io.Int.Output()],
            enable_expand=True,
        )

    @classmethod
    def execute(cls, value) -> io.NodeOutput:
        graph = GraphBuilder()
        made = graph.node("Pack Integer Math", a=value, operation="multiply", b=value)
        return io.NodeOutput(made.out(0), expand=graph.finalize())


class SchemaDepends(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        slot = io.DynamicSlot.Input(io.Image.Input("image"), inputs=[io.Int.Input("times")])
        return io.Schema(node_id="SchemaDepends", inputs=[slot], outputs=[])

    @classmethod
    def execute(cls, image):
        return io.NodeOutput(torch.cat(list(image.values())))


class Extension(ComfyExtension):
    @override
    async def get_node_list(self):
        return [SchemaThreshold, SchemaSwitch, SchemaExpands, SchemaDepends]


async def comfy_entrypoint():
    return Extension()
