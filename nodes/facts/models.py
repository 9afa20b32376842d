"""Facts of models, text encoders, VAEs and what goes with them, from the headers of their files."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from graph import Inferred, Seen, facts_of, known
from graph.infer import Facts
from graph.problems import Problem

Parts = Mapping[str, Facts]
FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2"}


def made_for(width: object) -> str:
    """A width in words: "Stable Diffusion 1 (768 numbers a token)"."""
    numbers = f"{width} numbers a token"
    return f"{FAMILIES[width]} ({numbers})" if isinstance(width, int) and width in FAMILIES else numbers


def file_facts(
    seen: Seen, name: str, read: Callable[[Path], Parts], *, refuses: bool = False
) -> tuple[Parts, list[Problem]]:
    """What a file's header says, with its digest; a damaged file is a Problem, with `refuses` a strange one.

    Of pickled files nothing is refused here: the loader knows more layouts of them than the header's reader.
    """
    from diffusion.checkpoint.errors import CheckpointError, UnknownArchitecture

    path = seen.file(name)
    if path is None or not path.is_file():
        return {}, []
    try:
        parts = read(path)
    except CheckpointError as error:
        strange = isinstance(error, UnknownArchitecture)
        if path.suffix != ".safetensors" or (strange and not refuses):
            return {}, []
        code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
        fault = f"{seen.file_name(name)} holds {error.given}, not {error.expected}"
        problem = seen.problem(
            code, name, fault, given=error.given, expected=error.expected, remedy=error.remedy
        )
        return {}, [problem]
    digest = seen.digest(name)
    return {part: known(**facts, digest=digest) if facts else {} for part, facts in parts.items()}, []


@facts_of("CheckpointLoaderSimple", "CheckpointLoader", "CheckpointLoaderWeights")
def checkpoint(seen: Seen) -> Inferred:
    from diffusion.checkpoint.traits import checkpoint_traits

    parts, problems = file_facts(seen, "ckpt_name", checkpoint_traits, refuses=True)
    if seen.type_id == "CheckpointLoader" and parts:  # its configuration may say otherwise
        model = {name: fact for name, fact in parts["MODEL"].items() if name != "prediction"}
        parts = {**parts, "MODEL": model}
    return Inferred(parts, problems)


@facts_of("DiffusersLoader")
def folder(seen: Seen) -> Inferred:
    """No digest: the file that is named says only that it is a folder of diffusers."""
    from diffusion.checkpoint.errors import CheckpointError
    from diffusion.checkpoint.folder_traits import folder_traits

    path = seen.file("model_path")
    try:
        return Inferred(folder_traits(path.parent)) if path is not None and path.is_file() else Inferred()
    except CheckpointError:
        return Inferred()  # the node says which part of the folder is to blame


@facts_of("VAELoader")
def vae(seen: Seen) -> Inferred:
    from diffusion.checkpoint.traits import vae_file_traits

    return Inferred(*file_facts(seen, "vae_name", vae_file_traits))


@facts_of("UNETLoader")
def unet(seen: Seen) -> Inferred:
    from diffusion.checkpoint.traits import unet_file_traits

    return Inferred(*file_facts(seen, "unet_name", unet_file_traits))


@facts_of("CLIPLoader")
def text_encoder(seen: Seen) -> Inferred:
    from diffusion.checkpoint.traits import text_file_traits

    return Inferred(*file_facts(seen, "clip_name", text_file_traits))


@facts_of("ControlNetLoader", "DiffControlNetLoader")
def control_net(seen: Seen) -> Inferred:
    from diffusion.checkpoint.traits import control_traits

    return Inferred(*file_facts(seen, "control_net_name", control_traits))


@facts_of("UpscaleModelLoader")
def upscale_model(seen: Seen) -> Inferred:
    from diffusion.checkpoint.traits import upscaler_traits

    return Inferred(*file_facts(seen, "model_name", upscaler_traits))


def agreed(one: Facts, other: Facts) -> dict[str, str | int | float | bool]:
    """What two values have in common; no digest, since what is made of both is neither."""
    return {name: fact for name, fact in one.items() if other.get(name) == fact and name != "digest"}


@facts_of("ModelMergeSimple", "ModelMergeBlocks", "ModelMergeAdd", "ModelMergeSubtract",
          "ModelMergeSD1", "ModelMergeSD2")  # fmt: skip
def merged_model(seen: Seen) -> Inferred:
    return Inferred({"MODEL": agreed(seen.facts("model1"), seen.facts("model2"))})


@facts_of("CLIPMergeSimple", "CLIPMergeAdd", "CLIPMergeSubtract")
def merged_text_encoder(seen: Seen) -> Inferred:
    return Inferred({"CLIP": agreed(seen.facts("clip1"), seen.facts("clip2"))})


@facts_of("ModelSamplingDiscrete")
def sampled_as(seen: Seen) -> Inferred:
    """The model predicts what the node says, as far as that is known."""
    sampling = seen.value("sampling")
    rest = {name: fact for name, fact in seen.facts("model").items() if name != "prediction"}
    prediction = {"v_prediction": "v"}.get(str(sampling), sampling)
    return Inferred(
        {"MODEL": {**rest, **known(prediction=prediction if isinstance(prediction, str) else None)}}
    )
