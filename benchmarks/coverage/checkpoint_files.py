"""Files of whole models and their parts: written in every layout, loaded, and compared tensor by tensor."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from benchmarks.coverage.row import Layout, Run, loads
from diffusion.checkpoint import keymaps
from diffusion.checkpoint.configs import as_configured
from diffusion.checkpoint.detect import detect, unexpected_names
from diffusion.checkpoint.load import Checkpoint, load_checkpoint
from diffusion.checkpoint.traits import UNET, checkpoint_traits
from diffusion.models.clip import ClipText
from diffusion.models.unet import UNet
from diffusion.models.vae import Autoencoder
from diffusion.sampling.schedules import NoiseSchedule
from tests.diffusion.checkpoint import small
from tests.diffusion.checkpoint.sparse import sparse
from tests.diffusion.checkpoint.test_keymaps import meta_tensors, shapes
from tests.diffusion.golden import manifest

CPU, FULL = torch.device("cpu"), torch.float32
MODEL, AUTOENCODER = "model.diffusion_model.", "first_stage_model."
Tensors = Mapping[str, Tensor]


def write(path: Path, tensors: Tensors, *, legacy: bool = False, **metadata: str) -> Path:
    """A file as its ending says: tensors alone, or a pickle with a training state around them."""
    held = {name: tensor.contiguous() for name, tensor in tensors.items()}
    if path.suffix == ".safetensors":
        save_file(held, path, metadata or None)
    else:
        content = {"state_dict": held, "global_step": 7}
        torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path


def same(network: nn.Module, tensors: Tensors, prefix: str = "") -> bool:
    """Whether a network holds exactly these tensors, in its own precision."""
    return all(
        torch.equal(weight, tensors[prefix + name].to(weight.dtype))
        for name, weight in network.state_dict().items()
    )


def holds(loaded: Checkpoint, tensors: Tensors) -> bool:
    """Whether all three networks are those of the file, and nothing in it was unknown."""
    text = keymaps.apply(loaded.architecture.text_recipe, tensors)
    parts = ((loaded.model.network, MODEL), (loaded.vae.network, AUTOENCODER))
    whole = all(same(network, tensors, prefix) for network, prefix in parts)
    return whole and same(loaded.clip.network, text) and not loaded.unexpected


def written_and_read(run: Run, name: str, tensors: Tensors, what: str, **writing: bool) -> Layout:
    """One layout of a whole checkpoint."""
    path = run.path(name)
    return loads(
        what, lambda: holds(load_checkpoint(write(path, tensors, **writing), device=CPU, dtype=FULL), tensors)
    )


def every_container(run: Run, name: str, tensors: Tensors) -> Iterator[Layout]:
    """safetensors in three precisions, and pickles of two formats."""
    for kind, dtype in (("fp32", torch.float32), ("fp16", torch.float16), ("bf16", torch.bfloat16)):
        narrow = {
            key: value.to(dtype) if value.is_floating_point() else value for key, value in tensors.items()
        }
        yield written_and_read(run, f"{name}-{kind}.safetensors", narrow, f".safetensors {kind}")
    yield written_and_read(run, f"{name}.ckpt", tensors, ".ckpt")
    yield written_and_read(run, f"{name}-old.ckpt", tensors, ".ckpt before PyTorch 1.6", legacy=True)


def sd1(run: Run) -> Iterator[Layout]:
    """Whole and pruned files of SD1, in every container, and what a configuration says of them."""
    tensors = small.sd1_checkpoint()
    yield from every_container(run, "sd1", tensors)
    yield from both_weight_sets(run, tensors)
    path = write(run.path("sd1-config.safetensors"), tensors)
    loaded = load_checkpoint(path, device=CPU, dtype=FULL)
    yield loads("v1-inference.yaml", lambda: as_configured(loaded, "v1-inference.yaml").clip.layer is None)
    yield loads("anything_v3.yaml", lambda: as_configured(loaded, "anything_v3.yaml").clip.layer == -2)
    yield accounted("sd-v1-5-emaonly", "sd1", "base")
    yield loads("sd-v1-5-pruned: 686 averages", published_averages)


def both_weight_sets(run: Run, tensors: Tensors) -> Iterator[Layout]:
    """A file that was not pruned: the last weights, or their running averages."""
    averages = {
        "model_ema.diffusion_model" + name.removeprefix(MODEL).replace(".", ""): tensor + 1
        for name, tensor in tensors.items()
        if name.startswith(MODEL)
    }
    path = write(run.path("sd1-pruned.ckpt"), {**tensors, **averages})

    def weights(which: str) -> Tensor:
        return load_checkpoint(path, device=CPU, dtype=FULL, unet_weights=which).model.network.out[2].weight

    given = tensors[MODEL + "out.2.weight"]
    yield loads("both weight sets: last", lambda: torch.equal(weights("last"), given))
    yield loads("both weight sets: averaged", lambda: torch.equal(weights("averaged"), given + 1))


def published_averages() -> bool:
    """Whether the averages of the published whole file are those of every tensor of its UNet."""
    weights = {name: torch.tensor(0) for name in manifest("sd-v1-5-emaonly")}
    averages = {name: torch.tensor(1) for name in manifest("sd-v1-5-pruned-extra-ema-keys")}
    unet = keymaps.apply(keymaps.UNET, keymaps.with_running_averages(weights | averages))
    return len(unet) == 686 and all(int(value) == 1 for value in unet.values())


def sd2(run: Run) -> Iterator[Layout]:
    """Files of SD2, and how their prediction is found or stated."""
    tensors = small.sd2_checkpoint()
    yield from every_container(run, "sd2", tensors)
    yield accounted("sd-v2-1-512-and-768", "sd2", "base")
    bias = UNET + "output_blocks.11.1.transformer_blocks.0.norm1.bias"

    def prediction(name: str, **given: object) -> object:
        path = sparse(run.path(f"{name}.safetensors"), manifest("sd-v2-1-512-and-768"), **given)
        return checkpoint_traits(path)["MODEL"]["prediction"]

    large = [0.2 * (-1) ** place for place in range(320)]
    yield loads("512: eps by its weights", lambda: prediction("512") == "eps")
    yield loads("768: v by its weights", lambda: prediction("768", numbers={bias: large}) == "v")
    stated = {"modelspec.prediction_type": "v"}
    yield loads("v by its metadata", lambda: prediction("stated", metadata=stated) == "v")
    marks = {"v_pred": torch.empty(0), "ztsnr": torch.empty(0)}
    path = write(run.path("marked.safetensors"), {**tensors, **marks})

    def marked() -> bool:
        model = load_checkpoint(path, device=CPU, dtype=FULL).model
        return model.prediction == "v" and model.schedule == NoiseSchedule.scaled_linear().ending_in_noise()

    yield loads("v and zero SNR by ComfyUI's marks", marked)


def accounted(name: str, family: str, role: str) -> Layout:
    """Whether every tensor of a published checkpoint has a place, with its shape, or is known as unneeded."""
    tensors = meta_tensors(name)

    def right() -> bool:
        found = detect(tensors)
        with torch.device("meta"):
            networks = [
                (keymaps.UNET, UNet(found.unet)),
                (keymaps.VAE, Autoencoder(found.vae)),
                (found.text_recipe, ClipText(found.text)),
            ]
        fits = all(shapes(keymaps.apply(recipe, tensors)) == shapes(network) for recipe, network in networks)
        return fits and not unexpected_names(tensors, found) and (found.family, found.role) == (family, role)

    return loads(f"{name}: {len(tensors)} keys", right)


def fits(name: str, what: str, find: Callable[[Tensors], tuple[Tensors, nn.Module]]) -> Layout:
    """Whether a published file's tensors become those of a network; `find` renames them and makes it."""
    tensors = meta_tensors(name)

    def right() -> bool:
        with torch.device("meta"):
            renamed, network = find(tensors)
        return shapes(dict(renamed)) == shapes(network)

    return loads(f"{what}: {len(tensors)} keys", right)
