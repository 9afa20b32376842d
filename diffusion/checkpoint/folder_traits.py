"""What a folder of diffusers is for, told from the headers of its files and its records, without weights."""

from pathlib import Path

from diffusion.checkpoint.contents import Header, TensorInfo
from diffusion.checkpoint.folder import PREDICTIONS, check_pipeline, files_of, network_path, read_json
from diffusion.checkpoint.header import read_header
from diffusion.checkpoint.traits import (
    DIFFUSERS_LEVELS,
    Parts,
    Traits,
    text_file_traits,
    text_traits,
    unet_file_traits,
    unet_traits,
    vae_file_traits,
    vae_traits,
)


def folder_traits(folder: Path) -> Parts:
    """MODEL, CLIP and VAE of a folder; a CheckpointError where a network is missing or damaged."""
    check_pipeline(folder)
    unet, text, vae = (network_path(folder, part) for part in ("unet", "text_encoder", "vae"))
    if any(path.suffix == ".json" for path in (unet, text, vae)):
        header = spread(unet)
        parts: Parts = {
            "MODEL": unet_traits(unet, header, header.tensors),
            "CLIP": text_traits(spread(text).tensors),
            "VAE": vae_traits(spread(vae).tensors, DIFFUSERS_LEVELS),
        }
    else:
        parts = {**unet_file_traits(unet), **text_file_traits(text), **vae_file_traits(vae)}
    return {**parts, "MODEL": as_scheduled(folder, parts["MODEL"])}


def spread(path: Path) -> Header:
    """The header of a file, or of all that an index names; where their numbers lie is left out."""
    tensors: dict[str, TensorInfo] = {}
    for file in files_of(path):
        infos = read_header(file).tensors
        tensors |= {name: TensorInfo(info.shape, info.dtype) for name, info in infos.items()}
    return Header(tensors, {})


def as_scheduled(folder: Path, model: Traits) -> Traits:
    """The model's traits with the prediction that the record of its scheduler states, where it has one."""
    record = read_json(folder / "scheduler/scheduler_config.json")
    stated = PREDICTIONS.get(str(record.get("prediction_type", "epsilon")))
    if not record or not model:
        return model
    rest = {name: trait for name, trait in model.items() if name != "prediction"}
    return {**rest, "prediction": stated} if stated else rest
