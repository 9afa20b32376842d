"""diffusers' folders: written by diffusers with random weights, loaded by us, computed by both."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from benchmarks.coverage.checkpoint_files import CPU, FULL, fits
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from diffusion.checkpoint.diffusers_folder import load_folder, schedule_of
from diffusion.checkpoint.diffusers_names import diffusers_unet, diffusers_vae
from diffusion.checkpoint.folder import open_network
from diffusion.checkpoint.keymaps import apply
from diffusion.checkpoint.load import load_unet, load_vae
from diffusion.checkpoint.parts import find_text, find_unet
from diffusion.models.clip import ClipText
from diffusion.models.unet import UNet
from tests.diffusion.golden import manifest_json
from tests.diffusion.models.test_unet import SD1, SD2, X4

if TYPE_CHECKING:
    # At run time inside functions: it imports diffusers, which takes 5 s.
    from tests.diffusion.checkpoint.test_diffusers_folder import Theirs


@torch.inference_mode()
def numbers(run: Run) -> Iterator[Measured]:
    """All networks of a folder of each family, whole and by the loaders of single parts; and its schedule."""
    from diffusers import DDIMScheduler

    from tests.diffusion.checkpoint.test_diffusers_folder import SCHEDULER, make

    for family in ("sd1", "sd2"):
        theirs = make(run.path(f"folders/{family}/x").parent, sd2=family == "sd2")
        yield from by_part(family.upper(), theirs)
    records = ({}, {"rescale_betas_zero_snr": True}, {"beta_schedule": "linear"})
    pairs = []
    for record in ({**SCHEDULER, **changes} for changes in records):
        expected = DDIMScheduler(**record).alphas_cumprod
        pairs.append((torch.tensor(schedule_of(record).alphas_cumprod), expected))
    yield Measured("noise schedules", "diffusers DDIMScheduler", farthest(pairs), 1e-6)


def by_part(family: str, theirs: "Theirs") -> Iterator[Measured]:
    ours = load_folder(theirs.folder, device=CPU, dtype=FULL)
    unets = [ours.model.network]
    if family == "SD1":  # alone, nothing but SD2's heads of 64 tells their number, which small ones have not
        unets.append(load_unet(one(theirs.folder / "unet"), device=CPU, dtype=FULL).network)
    vaes = ours.vae.network, load_vae(one(theirs.folder / "vae"), device=CPU, dtype=FULL).network
    generator = torch.Generator().manual_seed(0)
    shapes = ((2, 4, 8, 8), (2, 7, 32), (1, 3, 16, 16))
    x, context, picture = (torch.randn(shape, generator=generator) for shape in shapes)
    steps, tokens = torch.tensor([3, 700]), torch.tensor([[49406, 320, 2368, 49407]])
    expected = theirs.unet(x, steps, context).sample
    same = [(unet(x, steps, context), expected) for unet in unets]
    yield Measured(f"{family}: UNet", "diffusers UNet2DConditionModel", farthest(same), 2e-5)
    decoded, encoded = theirs.vae.decode(x).sample, theirs.vae.encode(picture).latent_dist.mean
    same = [pair for vae in vaes for pair in ((vae.decode(x), decoded), (vae.encode(picture).mean, encoded))]
    yield Measured(f"{family}: VAE", "diffusers AutoencoderKL", farthest(same), 2e-5)
    error = apart(ours.clip.network(tokens), theirs.text(tokens).last_hidden_state)
    yield Measured(f"{family}: text encoder", "transformers CLIPTextModel", error, 2e-5)


def one(folder: Path) -> Path:
    """The weights in a part of a folder."""
    (path,) = folder.glob("*.safetensors")
    return path


def files(run: Run) -> Iterator[Layout]:
    """What diffusers writes, and the names of the published folders."""
    from tests.diffusion.checkpoint.test_diffusers_folder import LAYOUTS, make

    theirs = make(run.path("folders/layouts/x").parent)
    yield loads("safetensors", partial(read, theirs, theirs.folder))
    for what, saving in LAYOUTS.items():
        folder = run.path(f"folders/{what}/x").parent
        for part, network in (("unet", theirs.unet), ("vae", theirs.vae)):
            network.save_pretrained(folder / part, **saving)
        yield loads(what, partial(read, theirs, folder))
    for family, config in (("sd1", SD1), ("sd2", SD2), ("x4", X4)):
        count = len(manifest_json("map-unet-diffusers-to-ldm")[family])
        yield loads(f"UNet of {family}: {count} keys to the original's", partial(unet_names, family, config))
    yield loads("VAE: 248 keys to the original's", vae_names)
    yield fits("diffusers-unet-sd1", "UNETLoader, SD1", lambda given: (find_unet(given).tensors, UNet(SD1)))
    yield fits("diffusers-unet-sd2", "UNETLoader, SD2", lambda given: (find_unet(given).tensors, UNet(SD2)))
    for name, what in (
        ("clip-vit-l14-text-hf", "CLIPLoader, SD1"),
        ("openclip-vit-h14-text-hf-sd2", "CLIPLoader, SD2 by transformers"),
        ("openclip-vit-h14-text", "CLIPLoader, SD2 by open_clip"),
    ):
        yield fits(name, what, text)


def text(given: dict[str, Tensor]) -> tuple[dict[str, Tensor], ClipText]:
    found = find_text(given)
    return dict(found.tensors), ClipText(found.config)


def read(theirs: "Theirs", folder: Path) -> bool:
    """Whether the parts of a folder give back diffusers' tensors."""
    for part, network in (("unet", theirs.unet), ("vae", theirs.vae)):
        weights, expected = open_network(folder, part), network.state_dict()
        if set(weights) != set(expected):
            return False
        if not all(torch.equal(weights[name].to(each.dtype), each) for name, each in expected.items()):
            return False
    return True


def unet_names(family: str, config: object) -> bool:
    """Whether our recipe takes each of diffusers' names to that of the reference map."""
    recipe = diffusers_unet(config)
    return all(
        set(apply(recipe, {theirs: torch.tensor(0)})) == {ours}
        for theirs, ours in manifest_json("map-unet-diffusers-to-ldm")[family].items()
    )


def vae_names() -> bool:
    expected = manifest_json("map-vae-diffusers-to-ldm")["vae_sd"]["map"]
    recipe = diffusers_vae(4)
    right = all(
        set(apply(recipe, {theirs: torch.zeros(1, 1)})) == {ours} for theirs, ours in expected.items()
    )
    return right and len(expected) == 248
