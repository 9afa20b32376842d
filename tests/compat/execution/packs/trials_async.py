"""Nodes that wait: several at once, failing, giving up, checking and asking in coroutines."""

import asyncio

import torch
from comfy_api.latest import ComfyAPI, ComfyExtension, io, ui
from comfy_execution.graph_utils import GraphBuilder
from PIL import Image

at_once = {"now": 0, "most": 0}


class TrialSleep:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",), "seconds": ("FLOAT", {"default": 0.1})}}

    RETURN_TYPES = ("*",)
    FUNCTION = "sleep"
    CATEGORY = "trial"

    async def sleep(self, value, seconds):
        at_once["now"] += 1
        at_once["most"] = max(at_once["most"], at_once["now"])
        try:
            await asyncio.sleep(seconds)
        finally:
            at_once["now"] -= 1
        return (value,)


class TrialAtOnce:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("*",), "b": ("*",), "c": ("*",)}}

    RETURN_TYPES = ()
    OUTPUT_NODE = True
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, a, b, c):
        return {"ui": {"text": [f"{a}{b}{c} {at_once['most']}"]}}


class TrialAsyncFail:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",), "seconds": ("FLOAT", {"default": 0.05})}}

    RETURN_TYPES = ("*",)
    FUNCTION = "run"
    CATEGORY = "trial"

    async def run(self, value, seconds):
        await asyncio.sleep(seconds)
        raise RuntimeError("it failed while it waited")


class TrialTimeout:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",), "patience": ("FLOAT", {"default": 0.05})}}

    RETURN_TYPES = ("*",)
    FUNCTION = "run"
    CATEGORY = "trial"

    async def run(self, value, patience):
        await asyncio.wait_for(asyncio.sleep(0.3), patience)
        return (value,)


class TrialAsyncChecked:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("FLOAT", {"default": 5.0}), "most": ("FLOAT", {"default": 10.0})}}

    RETURN_TYPES = ("FLOAT",)
    FUNCTION = "run"
    CATEGORY = "trial"

    @classmethod
    async def VALIDATE_INPUTS(cls, value, most):
        await asyncio.sleep(0.01)
        return True if value <= most else f"Value {value} is greater than {most}"

    @classmethod
    async def IS_CHANGED(cls, value, most):
        await asyncio.sleep(0.01)
        return float("nan") if value == 3 else value

    async def run(self, value, most):
        return (value,)


class TrialAsyncLazy:
    @classmethod
    def INPUT_TYPES(cls):
        lazy = ("*", {"lazy": True})
        return {"required": {"first": ("BOOLEAN", {}), "one": lazy, "two": lazy}}

    RETURN_TYPES = ("*",)
    FUNCTION = "run"
    CATEGORY = "trial"

    async def check_lazy_status(self, first, one=None, two=None):
        await asyncio.sleep(0.01)
        return ["one"] if first else ["two"]

    async def run(self, first, one=None, two=None):
        return (one if first else two,)


class TrialAsyncExpands:
    """Puts in several nodes that wait at the same time."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"count": ("INT", {"default": 3}), "seconds": ("FLOAT", {"default": 0.2})}}

    RETURN_TYPES = ("*",) * 3
    FUNCTION = "run"
    CATEGORY = "trial"

    async def run(self, count, seconds):
        await asyncio.sleep(0.01)
        graph = GraphBuilder()
        made = [graph.node("TrialSleep", value=place, seconds=seconds).out(0) for place in range(count)]
        return {"result": (*made, *(None,) * (3 - count)), "expand": graph.finalize()}


class TrialSchema(io.ComfyNode):
    """Tells how far it is, with pictures: one of torch, one of Pillow."""

    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="TrialSchema",
            inputs=[io.Int.Input("value", default=1), io.AnyType.Input("ready", optional=True)],
            outputs=[io.Int.Output()],
            is_output_node=True,
        )

    @classmethod
    async def execute(cls, value, ready=None):
        api = ComfyAPI()
        await api.execution.set_progress(1, 3, preview_image=torch.ones(1, 8, 900, 3))
        await asyncio.sleep(0.1)
        await api.execution.set_progress(
            2, 3, preview_image=Image.new("RGB", (900, 8)), ignore_size_limit=True
        )
        await asyncio.sleep(0.1)
        await api.execution.set_progress(3, 3)
        return io.NodeOutput(value, ui=ui.PreviewText(f"{value}"))


class Extension(ComfyExtension):
    async def get_node_list(self):
        return [TrialSchema]


async def comfy_entrypoint():
    return Extension()


OLDER = (
    TrialSleep,
    TrialAtOnce,
    TrialAsyncFail,
    TrialTimeout,
    TrialAsyncChecked,
    TrialAsyncLazy,
    TrialAsyncExpands,
)
NODE_CLASS_MAPPINGS = {each.__name__: each for each in OLDER}
