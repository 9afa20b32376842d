"""Nodes that put others in their place: mixed results, loops, rings, nodes of many kinds."""

import torch
from comfy_execution.graph_utils import GraphBuilder, is_link

MOST = 5


class TrialExpands:
    """A picture made by nodes that it puts in, and one that it makes itself: which is which depends."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("FLOAT", {"forceInput": True})}}

    RETURN_TYPES = ("IMAGE", "IMAGE")
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, value):
        graph = GraphBuilder()
        own = torch.full((1, 16, 16, 3), float(value))
        image = graph.node("TrialImage", value=value, width=16, height=16)
        if value < 0.5:
            return {"result": (image.out(0), own), "expand": graph.finalize()}
        mask = graph.node("TrialMask", value=1.0, size=16)
        mixed = graph.node("TrialMix", mask=mask.out(0), image1=own, image2=image.out(0))
        return {"result": (mixed.out(0), own), "expand": graph.finalize()}


class TrialRing:
    """Puts in nodes that wait for each other."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",)}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, image):
        graph = GraphBuilder()
        mask = graph.node("TrialMask", value=0.5, size=16)
        one = graph.node("TrialMix", image1=image, mask=mask.out(0))
        two = graph.node("TrialMix", image1=one.out(0), image2=image, mask=mask.out(0))
        one.set_input("image2", two.out(0))
        return {"result": (two.out(0),), "expand": graph.finalize()}


class TrialInner:
    """Puts in nodes of its own kind, as deep as it is told; at the end one that fails, if it shall."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"deep": ("INT", {"default": 1}), "fails": ("BOOLEAN", {"default": False})}}

    RETURN_TYPES = ("*",)
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, deep, fails):
        graph = GraphBuilder()
        if deep > 0:
            inner = graph.node("TrialInner", deep=deep - 1, fails=fails)
        elif fails:
            inner = graph.node("TrialFail", value="innermost", kind="value")
        else:
            return ("the end",)
        return {"result": (inner.out(0),), "expand": graph.finalize()}


def _sockets(first):
    return {f"initial_value{place}": ("*",) for place in range(first, MOST)}


class TrialWhileOpen:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"condition": ("BOOLEAN", {"default": True})}, "optional": _sockets(0)}

    RETURN_TYPES = ("FLOW_CONTROL", *("*",) * MOST)
    RETURN_NAMES = ("FLOW_CONTROL", *(f"value{place}" for place in range(MOST)))
    FUNCTION = "open"
    CATEGORY = "trial"

    def open(self, condition, **values):
        return ("stub", *(values.get(f"initial_value{place}") for place in range(MOST)))


class TrialWhileClose:
    """While its condition holds, puts a copy of the loop's body in its place."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "flow_control": ("FLOW_CONTROL", {"rawLink": True}),
                "condition": ("BOOLEAN", {"forceInput": True}),
            },
            "optional": _sockets(0),
            "hidden": {"dynprompt": "DYNPROMPT", "unique_id": "UNIQUE_ID"},
        }

    RETURN_TYPES = ("*",) * MOST
    RETURN_NAMES = tuple(f"value{place}" for place in range(MOST))
    FUNCTION = "close"
    CATEGORY = "trial"

    def _feeds(self, node, prompt, found):
        """For every node above, which nodes it leads to."""
        for value in prompt.get_node(node)["inputs"].values():
            if is_link(value):
                known = value[0] in found
                found.setdefault(value[0], []).append(node)
                if not known:
                    self._feeds(value[0], prompt, found)
        return found

    def _body(self, node, feeds, body):
        for below in feeds.get(node, ()):
            if below not in body:
                body.append(below)
                self._body(below, feeds, body)
        return body

    def close(self, flow_control, condition, dynprompt=None, unique_id=None, **values):
        if not condition:
            return tuple(values.get(f"initial_value{place}") for place in range(MOST))
        opening = flow_control[0]
        body = self._body(opening, self._feeds(unique_id, dynprompt, {}), [opening])
        if unique_id not in body:
            body.append(unique_id)
        graph = GraphBuilder()
        for each in body:
            name = "Recurse" if each == unique_id else each
            graph.node(dynprompt.get_node(each)["class_type"], name).set_override_display_id(each)
        for each in body:
            node = graph.lookup_node("Recurse" if each == unique_id else each)
            for name, value in dynprompt.get_node(each)["inputs"].items():
                inside = is_link(value) and value[0] in body
                node.set_input(name, graph.lookup_node(value[0]).out(value[1]) if inside else value)
        for place in range(MOST):
            name = f"initial_value{place}"
            graph.lookup_node(opening).set_input(name, values.get(name))
        again = graph.lookup_node("Recurse")
        result = tuple(again.out(place) for place in range(MOST))
        return {"result": result, "expand": graph.finalize()}


class TrialForOpen:
    """A loop that counts down, made of a while loop."""

    @classmethod
    def INPUT_TYPES(cls):
        remaining = ("INT", {"default": 1, "min": 0, "max": 100})
        return {
            "required": {"remaining": remaining},
            "optional": _sockets(1),
            "hidden": {"initial_value0": ("*",)},
        }

    RETURN_TYPES = ("FLOW_CONTROL", "INT", *("*",) * (MOST - 1))
    RETURN_NAMES = ("flow_control", "remaining", *(f"value{place}" for place in range(1, MOST)))
    FUNCTION = "open"
    CATEGORY = "trial"

    def open(self, remaining, **values):
        graph = GraphBuilder()
        remaining = values.pop("initial_value0", remaining)
        graph.node("TrialWhileOpen", condition=remaining, initial_value0=remaining, **values)
        own = tuple(values.get(f"initial_value{place}") for place in range(1, MOST))
        return {"result": ("stub", remaining, *own), "expand": graph.finalize()}


class TrialForClose:
    @classmethod
    def INPUT_TYPES(cls):
        control, raw = ("FLOW_CONTROL", {"rawLink": True}), ("*", {"rawLink": True})
        return {"required": {"flow_control": control}, "optional": dict.fromkeys(_sockets(1), raw)}

    RETURN_TYPES = ("*",) * (MOST - 1)
    RETURN_NAMES = tuple(f"value{place}" for place in range(1, MOST))
    FUNCTION = "close"
    CATEGORY = "trial"

    def close(self, flow_control, **values):
        graph = GraphBuilder()
        minus = graph.node("TrialMinus", a=[flow_control[0], 1], b=1)
        closing = graph.node(
            "TrialWhileClose",
            flow_control=flow_control,
            condition=minus.out(1),
            initial_value0=minus.out(0),
            **values,
        )
        result = tuple(closing.out(place) for place in range(1, MOST))
        return {"result": result, "expand": graph.finalize()}


class TrialMinus:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("INT", {"default": 0}), "b": ("INT", {"default": 1})}}

    RETURN_TYPES = ("INT", "BOOLEAN")
    RETURN_NAMES = ("difference", "is_positive")
    FUNCTION = "run"
    CATEGORY = "trial"

    def run(self, a, b):
        return a - b, a - b > 0


NODE_CLASS_MAPPINGS = {name: each for name, each in globals().items() if name.startswith("Trial")}
