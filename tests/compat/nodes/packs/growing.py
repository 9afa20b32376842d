"""A pack whose nodes grow with what is linked to them, or ask for more by what is chosen."""

import torch
from comfy_api.latest import ComfyAPI, ComfyExtension, io, ui


class Stacked(io.ComfyNode):
    """Pictures above each other, as many as come."""

    @classmethod
    def define_schema(cls):
        template = io.Autogrow.TemplatePrefix(io.Image.Input("image"), prefix="image", min=2, max=50)
        return io.Schema(
            node_id="GrowStacked",
            category="image/growing",
            inputs=[io.Autogrow.Input("images", template=template, tooltip="what is stacked")],
            outputs=[io.Image.Output(), io.String.Output("names")],
            is_deprecated=True,
            is_dev_only=True,
        )

    @classmethod
    def execute(cls, images):
        shown = ui.ImageSaveHelper.get_save_images_ui(images["image0"], "grown/first", cls=cls)
        return io.NodeOutput(torch.cat(list(images.values()), 1), ",".join(images), ui=shown)


class Resized(io.ComfyNode):
    """Sizes by what is chosen, with choices within choices."""

    @classmethod
    def define_schema(cls):
        exact = [io.Int.Input("width", default=8, min=1, max=64), io.Int.Input("height", default=4)]
        nested = io.DynamicCombo.Input(
            "unit",
            options=[
                io.DynamicCombo.Option("times", [io.Float.Input("width", default=2.0, min=0.5, max=4.0)]),
                io.DynamicCombo.Option("as", [io.Image.Input("like")]),
            ],
        )
        return io.Schema(
            node_id="GrowResized",
            inputs=[
                io.DynamicCombo.Input(
                    "resize",
                    options=[
                        io.DynamicCombo.Option("exact", exact),
                        io.DynamicCombo.Option("scaled", [nested]),
                        io.DynamicCombo.Option("no", []),
                    ],
                ),
                io.Int.Input("after", default=7),
            ],
            outputs=[io.String.Output()],
        )

    @classmethod
    def validate_inputs(cls, resize):
        return "width: 13 brings bad luck" if resize.get("width") == 13 else True

    @classmethod
    def execute(cls, resize, after):
        told = {**resize, **({"unit": dict(resize["unit"])} if "unit" in resize else {})}
        if "like" in told.get("unit", {}):
            told["unit"]["like"] = tuple(told["unit"]["like"].shape)
        return io.NodeOutput(f"{told} {after}")


class Picked(io.ComfyNode):
    """One of several lazy values, by names of their own."""

    @classmethod
    def define_schema(cls):
        template = io.Autogrow.TemplateNames(io.AnyType.Input("value", lazy=True), ["a", "b", "c"], min=0)
        return io.Schema(
            node_id="GrowPicked",
            inputs=[
                io.Combo.Input("which", options=["a", "b", "c"]),
                io.Autogrow.Input("values", template=template),
            ],
            outputs=[io.AnyType.Output()],
        )

    @classmethod
    def check_lazy_status(cls, which, values):
        return [f"values.{which}"] if values.get(which) is None else []

    @classmethod
    def execute(cls, which, values):
        return io.NodeOutput(values[which] if values else "nothing")


class Listed(io.ComfyNode):
    """Whole lists, one after the other."""

    @classmethod
    def define_schema(cls):
        template = io.Autogrow.TemplatePrefix(io.AnyType.Input("input"), prefix="input")
        return io.Schema(
            node_id="GrowListed",
            is_input_list=True,
            inputs=[io.Autogrow.Input("inputs", template=template)],
            outputs=[io.AnyType.Output(is_output_list=True)],
        )

    @classmethod
    def execute(cls, inputs):
        return io.NodeOutput([each for values in inputs.values() for each in values])


class Extension(ComfyExtension):
    async def on_load(self):
        old = io.NodeReplace(
            new_node_id="GrowResized",
            old_node_id="GrowOldResized",
            old_widget_ids=["wide"],
            input_mapping=[
                {"new_id": "resize", "set_value": "exact"},
                {"new_id": "resize.width", "old_id": "wide"},
                {"new_id": "resize.height", "set_value": 2},
                {"new_id": "after", "old_id": "gone"},
                {"new_id": "after", "set_value": 1},
            ],
            output_mapping=[{"new_idx": 0, "old_idx": 1}],
        )
        await ComfyAPI().node_replacement.register(old)

    async def get_node_list(self):
        assert Stacked.RETURN_NAMES == ("IMAGE", "names") and Listed.OUTPUT_IS_LIST == (True,)
        assert Stacked.INPUT_TYPES()["required"]["images"][0] == "COMFY_AUTOGROW_V3"
        return [Stacked, Resized, Picked, Listed]


async def comfy_entrypoint():
    return Extension()
