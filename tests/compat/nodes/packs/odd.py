"""Declarations as they are found in the wild: types that equal everything, texts for tuples, star imports."""

import os

import folder_paths

from nodes import *  # noqa: F403
from server import BinaryEventTypes, PromptServer

if "odd_models" not in folder_paths.folder_names_and_paths:
    folder_paths.add_model_folder_path("odd_models", os.path.join(folder_paths.models_dir, "odd"))
folder_paths.folder_names_and_paths["odd_lists"] = ([os.path.join(folder_paths.models_dir, "odd")], [".odd"])
folder_paths.folder_names_and_paths["upscale_models"][0].append(os.path.join(folder_paths.models_dir, "odd"))


class AlwaysEqual(str):
    def __eq__(self, _):
        return True

    def __ne__(self, _):
        return False


class Container(dict):
    """Says that it holds inputs of every name."""

    def __contains__(self, name):
        return True


class OddCompare:
    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "a": (AlwaysEqual("*"), {"default": 0}),
                "b": (AlwaysEqual({}),),
                "file": (("x", "y"),),
            },
            "optional": Container(),
            "hidden": {},
        }

    RETURN_TYPES = (AlwaysEqual("*"),)
    RETURN_NAMES = "?"
    FUNCTION = "compare"
    CATEGORY = "odd"

    def compare(self, a, b, file):
        return (f"{a} {b} {file}",)


class OddFiles:
    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "name": (folder_paths.get_filename_list("odd_models"),),
                "mixed": (["a", 1, 2.5, True],),
                "several": (["red", "green", "blue"], {"multi_select": {"placeholder": "colours"}}),
                "text": "STRING",
                "seed": ("INT",),
                "list": ("FLOAT", {"default": 1, "min": 0, "max": 10, "step": 0.5, "round": 0.01}),
            }
        }

    RETURN_TYPES = ("STRING", ["a", "b"])
    FUNCTION = "find"
    CATEGORY = "odd"

    @staticmethod
    def find(name, mixed, several, text, seed, list):
        path = folder_paths.get_full_path("odd_models", name)
        return f"{os.path.basename(path)} {mixed!r} {several} {text!r} {seed} {list!r}", "b"


class OddSend:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"image": ("IMAGE",)}}

    RETURN_TYPES = ()
    FUNCTION = "send"
    OUTPUT_NODE = True
    CATEGORY = "odd"

    def send(self, image):
        from PIL import Image

        picture = Image.new("RGB", (image.shape[2], image.shape[1]))
        server = PromptServer.instance
        server.send_sync(BinaryEventTypes.UNENCODED_PREVIEW_IMAGE, ["PNG", picture, None], server.client_id)
        return (None,)


class OddMany:
    """Its script adds inputs; the function takes them as they come."""

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"count": ("INT", {"default": 2}), "input_1": ("*",)}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "join"
    CATEGORY = "odd"

    def join(self, count, **kwargs):
        return (" ".join(str(kwargs[f"input_{place + 1}"]) for place in range(count)),)


class OddImage(ImageInvert):  # noqa: F405
    FUNCTION = "twice"
    CATEGORY = "odd"

    def twice(self, image):
        return self.invert(self.invert(image)[0])


NODE_CLASS_MAPPINGS = {
    "OddCompare": OddCompare,
    "OddFiles": OddFiles,
    "OddSend": OddSend,
    "OddMany": OddMany,
    "OddImage": OddImage,
}
