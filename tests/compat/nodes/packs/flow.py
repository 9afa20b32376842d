"""A pack in the style of those for the flow of a graph: gates, expansion, loops."""

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


class PackRepeat:
    """Puts a chain of nodes in its place, and one that shows something."""

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"value": ("INT", {"forceInput": True}), "times": ("INT", {"default": 2})}}

    RETURN_TYPES = ("INT", "STRING", "*")
    FUNCTION = "repeat"
    CATEGORY = "flow"

    def repeat(self, value, times):
        graph = GraphBuilder()
        last = value
        for _ in range(times):
            last = graph.node("Pack Integer Math", a=last, operation="add", b=3).out(0)
        text = graph.node("Pack Integer Math", "text", a=last, operation="multiply", b=1)
        graph.node("PackShowText", text=text.out(2))
        return {"result": (last, text.out(2), value), "expand": graph.finalize()}


class PackImages:
    """Hands values that no document holds to the nodes that it puts in."""

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"image": ("IMAGE",), "open": ("BOOLEAN", {"default": True})}}

    RETURN_TYPES = ("IMAGE", "*")
    FUNCTION = "run"
    CATEGORY = "flow"

    def run(self, image, open):
        graph = GraphBuilder()
        inverted = graph.node("ImageInvert", image=image)
        gate = graph.node("PackGate", value=inverted.out(0), open=open, why="")
        return {"result": (inverted.out(0), gate.out(0)), "expand": graph.finalize()}


class PackLoopOpen:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"goes_on": ("BOOLEAN", {"default": True})}, "optional": {"value": ("*",)}}

    RETURN_TYPES = ("FLOW", "*")
    RETURN_NAMES = ("flow", "value")
    FUNCTION = "open"
    CATEGORY = "flow"

    def open(self, goes_on, value=None):
        return "flow", value if goes_on else ExecutionBlocker(None)


class PackLoopClose:
    """While its condition holds, puts a copy of all between the opening and itself in its own place."""

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "flow": ("FLOW", {"rawLink": True}),
                "goes_on": ("BOOLEAN", {"forceInput": True}),
                "value": ("*",),
            },
            "hidden": {"graph": "DYNPROMPT", "own": "UNIQUE_ID"},
        }

    RETURN_TYPES = ("*",)
    RETURN_NAMES = ("value",)
    FUNCTION = "close"
    CATEGORY = "flow"

    def close(self, flow, goes_on, value, graph, own):
        if not goes_on:
            return (value,)
        opening = flow[0]
        inner = {own, opening}
        self.between(graph, own, opening, inner)
        builder = GraphBuilder()
        for each in inner:
            builder.node(graph.get_node(each)["class_type"], "again" if each == own else each)
        for each in inner:
            node = builder.lookup_node("again" if each == own else each)
            node.set_override_display_id(each)
            for name, given in graph.get_node(each)["inputs"].items():
                inside = is_link(given) and given[0] in inner
                node.set_input(name, builder.lookup_node(given[0]).out(given[1]) if inside else given)
        builder.lookup_node(opening).set_input("value", value)
        return {"result": (builder.lookup_node("again").out(0),), "expand": builder.finalize()}

    def between(self, graph, node, opening, inner):
        """Note the nodes on the ways back to the opening; whether there is one."""
        found = node == opening
        if not found:
            for given in graph.get_node(node)["inputs"].values():
                if is_link(given) and (given[0] in inner or self.between(graph, given[0], opening, inner)):
                    found = True
        if found:
            inner.add(node)
        return found


class PackRaw:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"value": ("*", {"rawLink": True})}}

    RETURN_TYPES = ("BOOLEAN",)
    FUNCTION = "look"
    CATEGORY = "flow"

    def look(self, value):
        return (is_link(value),)


class PackWrong:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "make"
    CATEGORY = "flow"

    def make(self):
        return {"result": (["a", 0],), "expand": {"a": {"class_type": "Nowhere", "inputs": {}}}}


NODE_CLASS_MAPPINGS = {
    "PackGate": PackGate,
    "PackRepeat": PackRepeat,
    "PackImages": PackImages,
    "PackLoopOpen": PackLoopOpen,
    "PackLoopClose": PackLoopClose,
    "PackRaw": PackRaw,
    "PackWrong": PackWrong,
}
