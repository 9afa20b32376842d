"""A pack in the style of those for pictures: tensors, files, masks, and inputs changed in place."""
# ruff: noqa: RUF012  # as packs are written

import hashlib
import json
import os

import comfy.model_management as mm
import comfy.utils
import folder_paths
import node_helpers
import numpy as np
import torch
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo


class PackInvertInPlace:
    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"image": ("IMAGE",), "by_numpy": ("BOOLEAN", {"default": False})}}

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "invert"
    CATEGORY = "image"

    def invert(self, image, by_numpy):
        if by_numpy:
            pixels = image.cpu().numpy()
            pixels[:] = 1 - pixels
        else:
            image.neg_().add_(1)
        return (image,)


class PackResize:
    METHODS = ["nearest-exact", "bilinear", "lanczos"]

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "image": ("IMAGE",),
                "size": ("INT", {"default": 32, "min": 8, "max": 64, "step": 8}),
                "method": (s.METHODS,),
            },
            "optional": {"mask": ("MASK",)},
        }

    RETURN_TYPES = ("IMAGE", "MASK", "INT", "INT")
    RETURN_NAMES = ("IMAGE", "MASK", "width", "height")
    FUNCTION = "resize"
    CATEGORY = "image"

    def resize(self, image, size, method, mask=None):
        bar = comfy.utils.ProgressBar(2)
        made = comfy.utils.common_upscale(image.movedim(-1, 1), size, size, method, "center").movedim(1, -1)
        bar.update(1)
        if mask is None:
            mask = torch.zeros(made.shape[:3], device=mm.intermediate_device())
        mask = comfy.utils.common_upscale(mask.unsqueeze(1), size, size, "bilinear", "disabled").squeeze(1)
        mm.throw_exception_if_processing_interrupted()
        bar.update(1)
        return made, mask, made.shape[2], made.shape[1]


class PackLoadImage:
    @classmethod
    def INPUT_TYPES(s):
        folder = folder_paths.get_input_directory()
        files = [name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name))]
        files = folder_paths.filter_files_content_types(files, ["image"])
        return {"required": {"image": (sorted(files), {"image_upload": True})}}

    RETURN_TYPES = ("IMAGE", "MASK")
    FUNCTION = "load"
    CATEGORY = "image"

    def load(self, image):
        path = folder_paths.get_annotated_filepath(image)
        picture = node_helpers.pillow(ImageOps.exif_transpose, node_helpers.pillow(Image.open, path))
        pixels = torch.from_numpy(np.array(picture.convert("RGB")).astype(np.float32) / 255.0)[None]
        return pixels, torch.zeros(pixels.shape[:3])

    @classmethod
    def IS_CHANGED(s, image):
        with open(folder_paths.get_annotated_filepath(image), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    @classmethod
    def VALIDATE_INPUTS(s, image):
        if not folder_paths.exists_annotated_filepath(image):
            return f"Invalid image file: {image}"
        return True


class PackSaveImage:
    def __init__(self):
        self.output_dir = folder_paths.get_output_directory()

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {"images": ("IMAGE",), "filename_prefix": ("STRING", {"default": "pack/picture"})},
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    RETURN_TYPES = ()
    FUNCTION = "save"
    OUTPUT_NODE = True
    CATEGORY = "image"

    def save(self, images, filename_prefix, prompt=None, extra_pnginfo=None):
        height, width = images[0].shape[:2]
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
            filename_prefix, self.output_dir, width, height
        )
        results = []
        for number, image in enumerate(images):
            picture = Image.fromarray(np.clip(255.0 * image.cpu().numpy(), 0, 255).astype(np.uint8))
            texts = PngInfo()
            texts.add_text("prompt", json.dumps(prompt))
            for key in extra_pnginfo:
                texts.add_text(key, json.dumps(extra_pnginfo[key]))
            file = f"{name}_{counter + number:05}_.png"
            picture.save(os.path.join(folder, file), pnginfo=texts, compress_level=4)
            results.append({"filename": file, "subfolder": subfolder, "type": "output"})
        return {"ui": {"images": results}}


NODE_CLASS_MAPPINGS = {
    "PackInvertInPlace": PackInvertInPlace,
    "PackResize": PackResize,
    "PackLoadImage": PackLoadImage,
    "PackSaveImage": PackSaveImage,
}
