"""A pack in the style of those for the flow of a graph: what cannot be done here is refused by name."""

from comfy_execution.graph import ExecutionBlocker
from comfy_execution.graph_utils import GraphBuilder, is_link


class PackGate:
    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "value": ("*",),
                "open": ("BOOLEAN", {"default": True}),
                "why": ("STRING", {"default": ""}),
            }
        }

    RETURN_TYPES = ("*", "*")
    FUNCTION = "gate"
    CATEGORY = "flow"

    def gate(self, value, open, why):
        return value if open else ExecutionBlocker(why or None), value


class PackLoop:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"times": ("INT", {"default": 2})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "loop"
    CATEGORY = "flow"

    def loop(self, times):
        return _expanded(times)


def _expanded(times):
    graph = GraphBuilder()
    node = graph.node("Pack Integer Math", a=times, operation="add")
    return {"result": (node.out(0),), "expand": graph.finalize()}


class PackRaw:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"value": ("*", {"rawLink": True})}}

    RETURN_TYPES = ("BOOLEAN",)
    FUNCTION = "look"
    CATEGORY = "flow"

    def look(self, value):
        return (is_link(value),)


class PackSecretlyExpanding:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "make"
    CATEGORY = "flow"

    def make(self):
        return {"result": (["a", 0],), "expand": {"a": {"class_type": "PackLoop", "inputs": {}}}}


NODE_CLASS_MAPPINGS = {
    "PackGate": PackGate,
    "PackLoop": PackLoop,
    "PackRaw": PackRaw,
    "PackSecretlyExpanding": PackSecretlyExpanding,
}
