"""Nodes of the older kind that try what an execution engine must do: lazy, lists, caching, blocking."""

import comfy.utils
import torch
from comfy_execution.graph import ExecutionBlocker
from PIL import Image

calls = {}


def counted(name):
    calls[name] = calls.get(name, 0) + 1


class TrialImage:
    @classmethod
    def INPUT_TYPES(cls):
        size = {"default": 16, "min": 1, "max": 64}
        value = ("FLOAT", {"default": 0.5, "min": 0.0, "max": 1.0, "step": 0.01})
        return {"required": {"value": value, "width": ("INT", size), "height": ("INT", size)}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "make"
    CATEGORY = "trial"

    def make(self, value, width, height):
        return (torch.full((1, height, width, 3), float(value)),)


class TrialMask:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("FLOAT", {"default": 0.5}), "size": ("INT", {"default": 16})}}

    RETURN_TYPES = ("MASK",)
    FUNCTION = "make"
    CATEGORY = "trial"

    def make(self, value, size):
        return (torch.full((1, size, size), float(value)),)


class TrialMix:
    """Needs the one picture, the other, or both, by its mask."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"mask": ("MASK",)},
            "optional": {"image1": ("IMAGE", {"lazy": True}), "image2": ("IMAGE", {"lazy": True})},
        }

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "mix"
    CATEGORY = "trial"

    def check_lazy_status(self, mask, image1=None, image2=None):
        needed = []
        if image1 is None and mask.min() < 1:
            needed.append("image1")
        if image2 is None and mask.max() > 0:
            needed.append("image2")
        return needed

    def mix(self, mask, image1=None, image2=None):
        counted("mix")
        if image1 is not None and image2 is not None and image1.shape != image2.shape:
            raise ValueError(f"pictures of {tuple(image1.shape)} and {tuple(image2.shape)} do not mix")
        part = mask.reshape(-1, *mask.shape[-2:], 1)
        first = image1 if image1 is not None else 0
        second = image2 if image2 is not None else 0
        return (first * (1 - part) + second * part,)


class TrialChanges:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",)}, "optional": {"should_change": ("BOOLEAN", {})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "pass_on"
    CATEGORY = "trial"

    @classmethod
    def IS_CHANGED(cls, should_change=False, *args, **kwargs):
        return float("NaN") if should_change else False

    def pass_on(self, image, should_change=False):
        return (image,)


class TrialChangesConstants:
    """Whether it changes can be said only by what is no link."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",), "value": ("FLOAT", {"min": 0.0, "max": 1.0})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "multiply"
    CATEGORY = "trial"

    @classmethod
    def IS_CHANGED(cls, image, value):
        return value if image is None else image.mean().item()

    def multiply(self, image, value):
        return (image * value,)


class TrialAverage:
    """Takes as many pictures as are linked, under names that nobody declared."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"input1": ("IMAGE",)}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "average"
    CATEGORY = "trial"

    def average(self, input1, **kwargs):
        return (torch.cat([input1, *(kwargs[name] for name in sorted(kwargs))]).mean(0, keepdim=True),)


class TrialValues:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"values": ("STRING", {"default": "0.1 0.2"})}}

    RETURN_TYPES = ("FLOAT", "INT")
    OUTPUT_IS_LIST = (True, False)
    FUNCTION = "make"
    CATEGORY = "trial"

    def make(self, values):
        found = [float(each) for each in values.split()]
        return found, len(found)


class TrialJoin:
    """Takes lists whole."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"values": ("*",), "between": ("STRING", {"default": " "})}}

    RETURN_TYPES = ("STRING",)
    INPUT_IS_LIST = True
    OUTPUT_NODE = True
    FUNCTION = "join"
    CATEGORY = "trial"

    def join(self, values, between):
        joined = between[0].join(str(each) for each in values)
        return {"ui": {"text": [joined]}, "result": (joined,)}


class TrialPair:
    """Two inputs: the shorter list repeats its last."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("*",), "b": ("*",)}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "pair"
    CATEGORY = "trial"

    def pair(self, a, b):
        return (f"{a}+{b}",)


class TrialChecked:
    @classmethod
    def INPUT_TYPES(cls):
        number = ("FLOAT", {"default": 1.0, "min": 0.0, "max": 10.0})
        return {"required": {"number": number, "other": ("FLOAT", {"default": 1.0, "max": 2.0})}}

    RETURN_TYPES = ("FLOAT",)
    FUNCTION = "run"
    CATEGORY = "trial"

    @classmethod
    def VALIDATE_INPUTS(cls, number):
        if number is None:
            return True
        if number == 4:
            raise RuntimeError("four breaks the check itself")
        return True if number % 2 == 1 else f"Invalid value: {number}"

    def run(self, number, other):
        return (number * other,)


class TrialTyped:
    """Checks types itself: floats and whole numbers, and the two of one type."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("FLOAT", {"forceInput": True}), "b": ("FLOAT", {"forceInput": True})}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    CATEGORY = "trial"

    @classmethod
    def VALIDATE_INPUTS(cls, input_types):
        kinds = (input_types["a"], input_types["b"])
        if not set(kinds) <= {"FLOAT", "INT", "STRING"}:
            return f"Invalid types: {kinds}"
        return True if kinds[0] == kinds[1] else "a and b are not of one type"

    def run(self, a, b):
        return (f"{a} {b}",)


class TrialUnion:
    """Takes pictures or numbers, and no others; and it has never liked sevens."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("IMAGE,FLOAT",), "b": ("IMAGE,FLOAT",)}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    CATEGORY = "trial"

    @classmethod
    def VALIDATE_INPUTS(cls, **kwargs):
        for name in ("a", "b"):
            if kwargs[name] is not None and not isinstance(kwargs[name], float):
                return f"Invalid type of {name}: {type(kwargs[name]).__name__}"
        return "7s are not allowed" if kwargs["b"] == 7.0 else True

    def run(self, a, b):
        return (f"{a} {b}",)


class TrialFile:
    """Reads a file that is no choice, by checks of its own only."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"name": (["a.txt"],)}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    CATEGORY = "trial"

    @classmethod
    def VALIDATE_INPUTS(cls, **kwargs):
        return True if kwargs["name"].endswith(".txt") else "no text"

    def run(self, name):
        return (name,)


class TrialGate:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",), "block": ("BOOLEAN", {}), "why": ("STRING", {"default": ""})}}

    RETURN_TYPES = ("*",)
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, value, block, why):
        return (ExecutionBlocker(why or None) if block else value,)


class TrialGateList:
    """Lets the even ones of a list through."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("FLOAT", {"forceInput": True}), "most": ("FLOAT", {"default": 0.5})}}

    RETURN_TYPES = ("FLOAT",)
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, value, most):
        return (value if value <= most else ExecutionBlocker(None),)


class TrialFail:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",), "kind": (["value", "zero", "deep", "memory"],)}}

    RETURN_TYPES = ("*",)
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, value, kind):
        if kind == "zero":
            return (1 // 0,)
        if kind == "deep":
            return self.run(value, kind)
        if kind == "memory":
            raise MemoryError
        raise ValueError(f"{value!r} is not to my taste")


class TrialProgress:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"steps": ("INT", {"default": 3}), "pause": ("FLOAT", {"default": 0.0})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, steps, pause):
        import time

        bar = comfy.utils.ProgressBar(steps)
        for step in range(steps):
            time.sleep(pause)
            bar.update_absolute(step + 1, steps, ("PNG", Image.new("RGB", (8, 8), (step, 0, 0)), None))
        return (steps,)


class TrialOutput:
    """Shows, gives and is no end of the graph."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",)}}

    RETURN_TYPES = ("STRING",)
    OUTPUT_NODE = True
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, value):
        return {"ui": {"text": [str(value)], "count": [calls.get("output", 0)]}, "result": (f"<{value}>",)}


class TrialCalls:
    """How often a function of this pack was called."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"name": ("STRING", {"default": "mix"})}}

    RETURN_TYPES = ()
    OUTPUT_NODE = True
    FUNCTION = "run"
    CATEGORY = "trial"

    @classmethod
    def IS_CHANGED(cls, name):
        return float("nan")

    def run(self, name):
        return {"ui": {"text": [str(calls.get(name, 0))]}}


NODE_CLASS_MAPPINGS = {name: each for name, each in globals().items() if name.startswith("Trial")}
