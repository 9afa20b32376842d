"""Nodes that do nothing, as ComfyUI declares nodes: what a server costs beside them can be measured.

Copy this file into `custom_nodes/` of the server that `benchmarks.executor --peer URL` is to measure.
"""

FAR = 2**53 - 1
"""The largest whole number that every JSON reader takes."""


class TrivialNumber:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("INT", {"default": 0, "min": -FAR, "max": FAR})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "benchmark"

    def run(self, value):
        return (value,)


class TrivialAdd:
    @classmethod
    def INPUT_TYPES(cls):
        linked = ("INT", {"forceInput": True})
        plus = ("INT", {"default": 0, "min": -FAR, "max": FAR})
        return {"required": {"a": linked, "b": linked, "plus": plus}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "benchmark"

    def run(self, a, b, plus):
        return ((3 * a - 2 * b + plus) % FAR,)  # what comes out depends on what went in, and stays small


class TrivialShow:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("INT", {"forceInput": True}), "plus": ("INT", {"default": 0})}}

    RETURN_TYPES = ()
    FUNCTION = "run"
    OUTPUT_NODE = True
    CATEGORY = "benchmark"

    def run(self, value, plus):
        return {}


NODE_CLASS_MAPPINGS = {
    "TrivialNumber": TrivialNumber,
    "TrivialAdd": TrivialAdd,
    "TrivialShow": TrivialShow,
}
