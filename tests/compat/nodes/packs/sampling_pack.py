"""A pack in the style of those for sampling: it makes its own out of ComfyUI's nodes, and passes pipes."""

import comfy.samplers
import folder_paths
import torch

import nodes
from nodes import KSampler, VAEDecode


class PackKSampler(KSampler):
    """One of ComfyUI's nodes with an output more."""

    RETURN_TYPES = ("LATENT", "STRING")
    RETURN_NAMES = ("LATENT", "seed as text")
    FUNCTION = "sample_and_tell"
    CATEGORY = "sampling"

    def sample_and_tell(self, seed, **kwargs):
        return *self.sample(seed=seed, **kwargs), str(seed)


class PackPipe:
    @classmethod
    def INPUT_TYPES(s):
        checkpoints = folder_paths.get_filename_list("checkpoints")
        return {
            "required": {
                "ckpt_name": (checkpoints,),
                "positive": ("STRING", {"multiline": True}),
                "sampler_name": (comfy.samplers.KSampler.SAMPLERS, {"default": "euler"}),
                "scheduler": (comfy.samplers.KSampler.SCHEDULERS,),
            }
        }

    RETURN_TYPES = ("PACK_PIPE", comfy.samplers.KSampler.SAMPLERS)
    FUNCTION = "load"
    CATEGORY = "sampling"

    def load(self, ckpt_name, positive, sampler_name, scheduler):
        model, clip, vae = nodes.NODE_CLASS_MAPPINGS["CheckpointLoaderSimple"]().load_checkpoint(ckpt_name)
        tokens = clip.tokenize(positive)
        conditioning = clip.encode_from_tokens_scheduled(tokens)
        empty = nodes.CLIPTextEncode().encode(clip, "")[0]
        pipe = {
            "model": model,
            "vae": vae,
            "positive": conditioning,
            "negative": empty,
            "scheduler": scheduler,
        }
        return pipe, sampler_name


class PackSample:
    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "pipe": ("PACK_PIPE",),
                "latent": ("LATENT",),
                "sampler_name": (comfy.samplers.KSampler.SAMPLERS,),
                "seed": ("INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}),
                "steps": ("INT", {"default": 2, "min": 1, "max": 100}),
            }
        }

    RETURN_TYPES = ("IMAGE", "LATENT", "MODEL", "VAE", "CONDITIONING", "CONDITIONING")
    FUNCTION = "sample"
    CATEGORY = "sampling"

    def sample(self, pipe, latent, sampler_name, seed, steps):
        pipe["model"] = pipe["model"].clone()
        (samples,) = nodes.common_ksampler(
            *(pipe["model"], seed, steps, 4.0, sampler_name, pipe["scheduler"]),
            *(pipe["positive"], pipe["negative"], latent),
        )
        (image,) = VAEDecode().decode(pipe["vae"], samples)
        again = pipe["vae"].decode(samples["samples"])
        assert torch.equal(image, again)
        return image, samples, pipe["model"], pipe["vae"], pipe["positive"], pipe["negative"]


class PackLatentTouch:
    """Changes what it is given, as packs do."""

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "latent": ("LATENT",),
                "conditioning": ("CONDITIONING",),
                "add": ("FLOAT", {"default": 1.0}),
            }
        }

    RETURN_TYPES = ("LATENT", "CONDITIONING", "FLOAT")
    FUNCTION = "touch"
    CATEGORY = "latent"

    def touch(self, latent, conditioning, add):
        mean = float(latent["samples"].mean())
        latent["samples"] += add
        latent["batch_index"] = [7]
        latent["noise_mask"] = torch.ones(1, 1, 8, 8)
        for entry in conditioning:
            entry[0].mul_(2)
            entry[1]["strength"] = 0.5
            entry[1]["area"] = (2, 4, 0, 1)
            entry[1]["start_percent"], entry[1]["end_percent"] = 0.25, 0.5
            entry[1]["guidance"] = 3.5
        return latent, conditioning, mean


NODE_CLASS_MAPPINGS = {
    "PackKSampler": PackKSampler,
    "PackPipe": PackPipe,
    "PackSample": PackSample,
    "PackLatentTouch": PackLatentTouch,
}
NODE_DISPLAY_NAME_MAPPINGS = {"PackKSampler": "KSampler (tells its seed)"}
