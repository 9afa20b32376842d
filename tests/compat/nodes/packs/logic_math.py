"""A pack in the style of those for logic and numbers."""
# ruff: noqa: RUF012  # as packs are written

import asyncio

import comfy.utils
from comfy.comfy_types import IO, ComfyNodeABC


class AnyType(str):
    """A type that is unequal to nothing."""

    def __ne__(self, other):
        return False


any_type = AnyType("*")


class IntegerMath(ComfyNodeABC):
    OPERATIONS = {"add": lambda a, b: a + b, "multiply": lambda a, b: a * b, "power": lambda a, b: a**b}

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "a": (IO.INT, {"default": 3, "min": -100, "max": 100, "step": 1, "tooltip": "the first"}),
                "operation": (list(cls.OPERATIONS), {"default": "multiply"}),
            },
            "optional": {"b": ("INT", {"default": 2, "min": 0, "max": 9, "display": "slider"})},
        }

    RETURN_TYPES = ("INT", "FLOAT", "STRING")
    RETURN_NAMES = ("number", "fraction", "text")
    FUNCTION = "compute"
    CATEGORY = "logic/math"
    DESCRIPTION = "Reckons with two whole numbers."
    OUTPUT_TOOLTIPS = ("whole", "with a point", "in digits")

    def compute(self, a, operation, b=1):
        value = self.OPERATIONS[operation](a, b)
        return value, float(value), str(value)


class Compare:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": (any_type,), "b": (any_type, {}), "how": (["==", "<", ">"],)}}

    RETURN_TYPES = ("BOOLEAN",)
    FUNCTION = "compare"
    CATEGORY = "logic"

    def compare(self, a, b, how):
        return ({"==": a == b, "<": a < b, ">": a > b}[how],)


class LazySwitch:
    asked = []

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "on_true": (any_type, {"lazy": True}),
                "on_false": (any_type, {"lazy": True}),
                "condition": ("BOOLEAN", {"default": True, "label_on": "yes", "label_off": "no"}),
            }
        }

    RETURN_TYPES = (any_type,)
    RETURN_NAMES = ("value",)
    FUNCTION = "switch"
    CATEGORY = "logic"

    def check_lazy_status(self, condition, on_true=None, on_false=None):
        name = "on_true" if condition else "on_false"
        self.asked.append(name)
        return [name] if (on_true if condition else on_false) is None else []

    def switch(self, condition, on_true=None, on_false=None):
        assert (on_false if condition else on_true) is None
        return (on_true if condition else on_false,)


class Counter:
    """Counts its calls: packs keep state in their objects, and say so by IS_CHANGED."""

    def __init__(self):
        self.count = 0

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"start": ("INT", {"default": 10})}, "hidden": {"unique_id": "UNIQUE_ID"}}

    @classmethod
    def IS_CHANGED(cls, **kwargs):
        return float("nan")

    RETURN_TYPES = ("INT", "STRING")
    FUNCTION = "count_up"
    CATEGORY = "logic"
    NOT_IDEMPOTENT = True

    def count_up(self, start, unique_id):
        self.count += 1
        return start + self.count, unique_id


class Program:
    """Is told of the program that it runs in."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"seed": ("INT", {"default": 0, "min": 0, "max": 0xFFFFFFFFFFFFFFFF})},
            "hidden": {"prompt": "PROMPT", "info": "EXTRA_PNGINFO", "id": "UNIQUE_ID", "graph": "DYNPROMPT"},
        }

    RETURN_TYPES = ("STRING", "INT", "STRING")
    FUNCTION = "look"
    CATEGORY = "logic"

    def look(self, seed, prompt, info, id, graph):
        assert graph.get_node(id) == prompt[id]
        types = sorted(node["type"] for node in info["workflow"]["nodes"])
        return prompt[id]["class_type"], len(prompt), " ".join(types)


class Waiting:
    """Waits without keeping others from their work."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("FLOAT", {"forceInput": True}), "times": ("INT", {"default": 2})}}

    RETURN_TYPES = ("FLOAT",)
    FUNCTION = "wait"
    CATEGORY = "logic"
    EXPERIMENTAL = True

    async def wait(self, value, times):
        bar = comfy.utils.ProgressBar(times)
        for _ in range(times):
            await asyncio.sleep(0)
            bar.update(1)
        return (value * times,)


class Checked:
    """Refuses what it does not like before anything runs."""

    calls = []

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"even": ("INT", {"default": 2, "max": 10}), "other": (any_type,)}}

    @classmethod
    def VALIDATE_INPUTS(cls, even, input_types):
        cls.calls.append((even, input_types))
        if input_types.get("other") not in (None, "INT"):
            return f"other is {input_types['other']}, and must be a whole number"
        return True if even % 2 == 0 else f"even: {even} is odd"

    RETURN_TYPES = ("INT",)
    FUNCTION = "give"
    CATEGORY = "logic"

    def give(self, even, other):
        return (even + other,)


NODE_CLASS_MAPPINGS = {
    "Pack Integer Math": IntegerMath,
    "PackCompare": Compare,
    "PackLazySwitch": LazySwitch,
    "PackCounter": Counter,
    "PackProgram": Program,
    "PackWaiting": Waiting,
    "PackChecked": Checked,
}
NODE_DISPLAY_NAME_MAPPINGS = {"Pack Integer Math": "Integer Math 🔢"}
