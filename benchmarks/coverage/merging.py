"""Arithmetic of models, and files that we write, as diffusers reads them."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from benchmarks.coverage.checkpoint_files import CPU, FULL, Tensors, write
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from diffusion.checkpoint import keymaps
from diffusion.checkpoint.detect import detect
from diffusion.checkpoint.files import open_weights
from diffusion.checkpoint.layouts import checkpoint_tensors
from diffusion.checkpoint.load import Checkpoint, load_checkpoint, load_text_encoder, load_unet, load_vae
from diffusion.checkpoint.save import save_checkpoint, save_model, save_text_encoder, save_vae
from diffusion.merge import add, blend, blend_blocks, combine_models, combine_text_encoders, subtract
from diffusion.models.clip import ClipText
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.models.vae import Autoencoder
from diffusion.values import Model, TextEncoder, Vae
from tests.diffusion.checkpoint import small
from tests.diffusion.checkpoint.test_keymaps import meta_tensors, shapes

MAKERS = {"sd1": small.sd1_checkpoint, "sd2": small.sd2_checkpoint}
RATIOS = {"input": 0.25, "middle": 0.5, "out": 1.0}
FORMULAS = {
    "blend": (blend(0.3), lambda name, a, b: 0.3 * a + 0.7 * b),
    "blocks": (blend_blocks(RATIOS), lambda name, a, b: share(name) * a + (1 - share(name)) * b),
    "add": (add, lambda name, a, b: a + b),
    "subtract": (subtract(2.0), lambda name, a, b: 2 * a - 2 * b),
}


def share(name: str) -> float:
    """How much of the first a block takes; the others take what comes first in the list."""
    return next((ratio for start, ratio in RATIOS.items() if name.startswith(start)), RATIOS["input"])


def loaded(run: Run, family: str, name: str, change: float = 0.0) -> Checkpoint:
    """A small checkpoint, each of its tensors moved by some noise."""
    generator, tensors = torch.Generator().manual_seed(9), MAKERS[family]()
    moved = {
        key: each + change * torch.randn(each.shape, generator=generator)
        if each.is_floating_point()
        else each
        for key, each in tensors.items()
    }
    return load_checkpoint(
        write(run.path(f"merging/{family}-{name}.safetensors"), moved), device=CPU, dtype=FULL
    )


def sums(run: Run) -> Iterator[Measured]:
    """Every way of merging, weight by weight in float64."""
    pairs: list[tuple[Tensor, Tensor]] = []
    for family in MAKERS:
        first, second = loaded(run, family, "first"), loaded(run, family, "second", 0.1)
        for shares, formula in FORMULAS.values():
            merged = combine_models(first.model, second.model, shares).network
            pairs += expected_pairs(merged, first.model.network, second.model.network, formula)
            if shares is not FORMULAS["blocks"][0]:
                text = combine_text_encoders(first.clip, second.clip, shares).network
                pairs += expected_pairs(text, first.clip.network, second.clip.network, formula)
    yield Measured(f"{len(pairs)} merged weights", "formulas in float64", farthest(pairs), 1e-6)


def expected_pairs(
    merged: UNet, first: UNet, second: UNet, formula: object
) -> Iterator[tuple[Tensor, Tensor]]:
    mine, other = dict(first.named_parameters()), dict(second.named_parameters())
    for name, weight in merged.named_parameters():
        yield weight, formula(name, mine[name].double(), other[name].double())


@torch.inference_mode()
def elsewhere(run: Run) -> Iterator[Measured]:
    """Checkpoints that we write, as diffusers converts and computes them."""
    for family in MAKERS:
        given = replace(loaded(run, family, "saved"), vae=wider_vae())
        name = save_checkpoint(given.model, given.clip, given.vae, run.path("merging/x").parent, family, {})
        tensors = dict(open_weights(run.path(f"merging/{name}")))
        reference = f"diffusers' conversion of what we saved, {family.upper()}"
        yield Measured("UNet", reference, apart(*by_diffusers(given.model, tensors)), 1e-4)
        yield Measured("text encoder", reference, apart(*by_transformers(given.clip, tensors)), 1e-4)
        yield Measured("VAE", reference, apart(*decoded(given.vae, tensors)), 1e-4)


def wider_vae() -> Vae:
    """An autoencoder whose groups of channels are those of diffusers: 32 everywhere."""
    config = replace(small.VAE, channels=32)
    network = Autoencoder(config)
    network.load_state_dict(small.random_weights(network, 1))
    return Vae(network.eval().requires_grad_(False))


def by_diffusers(model: Model, tensors: Tensors) -> tuple[Tensor, Tensor]:
    from diffusers import UNet2DConditionModel
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    widths, sd2 = model.network.config.widths, model.family == "sd2"
    theirs = UNet2DConditionModel(
        block_out_channels=widths,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=64,
        attention_head_dim=tuple(width // 64 for width in widths) if sd2 else 8,
        use_linear_projection=sd2,
    ).eval()
    theirs.load_state_dict(convert_ldm_unet_checkpoint(dict(tensors), dict(theirs.config)))
    generator = torch.Generator().manual_seed(0)
    x, context = (torch.randn(shape, generator=generator) for shape in ((2, 4, 8, 8), (2, 7, 64)))
    steps = torch.tensor([3, 700])
    return model.network(x, steps, context), theirs(x, steps, context).sample


def by_transformers(clip: TextEncoder, tensors: Tensors) -> tuple[Tensor, Tensor]:
    from diffusers.loaders.single_file_utils import convert_ldm_clip_checkpoint, convert_open_clip_checkpoint
    from transformers import CLIPTextConfig, CLIPTextModel

    sd2 = clip.family == "sd2"
    shape = {"hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 1, "num_hidden_layers": 3}
    ends = {"vocab_size": 300, "bos_token_id": 1, "eos_token_id": 2}
    text = CLIPTextModel(CLIPTextConfig(**shape, **ends, hidden_act="gelu" if sd2 else "quick_gelu")).eval()
    given = dict(tensors)
    converted = convert_open_clip_checkpoint(text, given) if sd2 else convert_ldm_clip_checkpoint(given)
    # diffusers 0.42 still says text_model., which transformers 5 dropped.
    text.load_state_dict({name.removeprefix("text_model."): each for name, each in converted.items()})
    tokens = torch.tensor([[1, 5, 299, 2]])
    hidden = text(tokens, output_hidden_states=True).hidden_states[-2 if sd2 else -1]
    return clip.network(tokens), text.final_layer_norm(hidden)


def decoded(vae: Vae, tensors: Tensors) -> tuple[Tensor, Tensor]:
    from diffusers import AutoencoderKL
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    theirs = AutoencoderKL(
        block_out_channels=vae.network.config.widths,
        layers_per_block=vae.network.config.res_blocks,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    ).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.load_state_dict(convert_ldm_vae_checkpoint(dict(tensors), dict(theirs.config)))
    z = torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(0))
    return vae.network.decode(z), theirs.decode(z).sample


def files(run: Run) -> Iterator[Layout]:
    """What the savers write, read again bit by bit, and its names against the published ones."""
    for family in MAKERS:
        given = loaded(run, family, "whole")
        yield loads(
            f"CheckpointSave, ModelSave, CLIPSave, VAESave: {family.upper()}", partial(again, run, given)
        )
    for name in (
        "sd-v1-5-emaonly",
        "sd-v1-5-inpainting",
        "sd-v2-1-512-and-768",
        "sd-v2-inpainting",
        "x4-upscaler",
    ):
        yield loads(f"names and shapes of {name}", partial(as_published, name))


def again(run: Run, given: Checkpoint) -> bool:
    """Whether a checkpoint and its parts come back as they were."""
    folder = run.path("merging/again/x").parent
    whole = load_checkpoint(
        folder / save_checkpoint(given.model, given.clip, given.vae, folder, "whole", {}),
        device=CPU,
        dtype=FULL,
    )
    unet = load_unet(folder / save_model(given.model, folder, "unet", {}), device=CPU, dtype=FULL)
    clip = load_text_encoder(
        folder / save_text_encoder(given.clip, folder, "clip", {}), device=CPU, dtype=FULL
    )
    vae = load_vae(folder / save_vae(given.vae, folder, "vae", {}), device=CPU, dtype=FULL)
    triples = ((given.model, whole.model, unet), (given.clip, whole.clip, clip), (given.vae, whole.vae, vae))
    return whole.architecture == given.architecture and all(
        torch.equal(weight, other.network.state_dict()[name])
        for value, *others in triples
        for other in others
        for name, weight in value.network.state_dict().items()
    )


def as_published(name: str) -> bool:
    """Whether we write all that a published file has but what no program needs."""
    given = meta_tensors(name)
    found = detect(given)
    with torch.device("meta"):
        model = Model(UNet(found.unet), family=found.family)
        text = TextEncoder(
            ClipText(found.text), Tokenizer(), family="sd1" if found.family == "sd1" else "sd2"
        )
        written = checkpoint_tensors(model, text, Vae(Autoencoder(found.vae)))
    needed = {key: each for key, each in given.items() if not keymaps.known(keymaps.OPTIONAL, key)}
    return shapes(written) == shapes(needed)
