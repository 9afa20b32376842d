"""A pack of which one node, by way of a helper, needs what is not there; and one that is declared wrongly."""

import comfy.utils


def _sampled(model):
    return comfy.sample.sample_custom(model)


class Deep:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"model": ("MODEL",)}}

    RETURN_TYPES = ("MODEL",)
    FUNCTION = "patch"

    def patch(self, model):
        return (_sampled(model),)


class Shallow:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"value": ("INT", {"default": 1})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "give"

    def give(self, value):
        return (value,)


class NoComma(Shallow):
    RETURN_TYPES = "INT"


class NoFunction(Shallow):
    FUNCTION = "take"


NODE_CLASS_MAPPINGS = {
    "HalfDeep": Deep,
    "HalfShallow": Shallow,
    "HalfNoComma": NoComma,
    "HalfNoFunction": NoFunction,
}
