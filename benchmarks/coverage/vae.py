"""Autoencoders: numbers against the originals, tiles against the whole, and every layout of their files."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from torch import nn

from benchmarks.coverage.checkpoint_files import AUTOENCODER, CPU, FULL, Tensors, fits, same, write
from benchmarks.coverage.networks import FULL_ERROR, LDM, TINY_ERROR
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from benchmarks.coverage.workflows import ROOT
from diffusion.checkpoint.load import load_preview_decoder, load_vae
from diffusion.checkpoint.parts import find_vae
from diffusion.checkpoint.save import save_vae
from diffusion.models.taesd import TaesdConfig, TaesdDecoder, TaesdEncoder
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.tiles import decode_tiled, encode_tiled
from diffusion.values import Vae
from tests.diffusion.checkpoint import small
from tests.diffusion.golden import Golden, formula_input, load_formula, manifest, uniform
from tests.diffusion.models.test_vae import TINY

EMBEDDED = ROOT / "models/checkpoints/tessera-emoji-v1.safetensors"
X4 = VaeConfig(multipliers=(1, 2, 4))


@torch.inference_mode()
def numbers(run: Run) -> Iterator[Measured]:
    """Both directions of the autoencoder, and the small ones for previews."""
    golden, network = Golden("tiny_vae"), Autoencoder(TINY).eval()
    network.load_state_dict(golden.weights)
    moments = network.encode(golden["x"])
    pairs = [(moments.mean, golden["mean"]), (moments.logvar, golden["logvar_clamped"])]
    yield Measured("encode, narrow", LDM, farthest(pairs), TINY_ERROR)
    yield Measured("decode, narrow", LDM, apart(network.decode(golden["z"]), golden["decoded"]), TINY_ERROR)
    for name, kind, given in (("decoder", TaesdDecoder, "z"), ("encoder", TaesdEncoder, "x")):
        golden, small_one = Golden(f"taesd_{name}_random"), kind(TaesdConfig()).eval()
        small_one.load_state_dict(golden.weights)
        error = apart(small_one(golden[given]), golden["out"])
        yield Measured(f"TAESD {name}", "taesd (golden)", error, TINY_ERROR)
    yield as_in_diffusers(run)
    if not run.quick:
        yield published("full_vae", VaeConfig())


def as_in_diffusers(run: Run) -> Measured:
    """TAESD both ways, from the file that diffusers writes."""
    from diffusers import AutoencoderTiny

    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = AutoencoderTiny().eval()
    theirs.save_pretrained(run.path("vae/tiny/x").parent)
    ours = load_vae(run.path("vae/tiny/diffusion_pytorch_model.safetensors"), device=CPU, dtype=FULL)
    picture = uniform("picture", (1, 40, 24, 3)) * 0.5 + 0.5
    latent = theirs.encode(picture.movedim(-1, 1) * 2 - 1).latents
    decoded = (theirs.decode(latent).sample / 2 + 0.5).clamp(0, 1).movedim(1, -1)
    pairs = [(ours.encode(picture), latent), (ours.decode(latent), decoded)]
    return Measured("TAESD as a VAE, both ways", "diffusers AutoencoderTiny", farthest(pairs), TINY_ERROR)


@torch.inference_mode()
def published(name: str, config: VaeConfig) -> Measured:
    """Both directions at the published size."""
    golden = Golden(name)
    with torch.device("meta"):
        network = Autoencoder(config)
    load_formula(network)
    moments = network.encode(formula_input("img", (1, 3, 32, 32)).clamp(-1, 1))
    mean, logvar = golden["moments"].chunk(2, dim=1)
    pairs = [(moments.mean, mean), (moments.logvar, logvar.clamp(-30, 20))]
    pairs.append((network.decode(formula_input("z", (1, 4, 4, 4))), golden["decoded"]))
    return Measured("VAE of published size", LDM, farthest(pairs), FULL_ERROR)


def x4(run: Run) -> Iterator[Measured]:
    """The x4 upscaler's own autoencoder."""
    if not run.quick:
        yield published("full_vaex4", X4)


def tiles(_: Run) -> Iterator[Measured]:
    """The embedded model's autoencoder over a picture four times its size; every tile sees less of it."""
    from diffusion.images import read_image
    from diffusion.resize import resize

    vae = load_vae(EMBEDDED, device=CPU, dtype=FULL)
    image, _ = read_image(ROOT / "input/example.png")
    picture = resize(image.movedim(-1, 1), 256, 256, "bicubic").clamp(0, 1).movedim(1, -1)
    options = {"tile": 128, "overlap": 32, "on_tile": lambda done, total: None}
    whole = vae.encode(picture)
    encoded = (encode_tiled(vae, picture, **options) - whole).abs().mean() / whole.std()
    decoded = (decode_tiled(vae, whole, **options) - vae.decode(whole)).abs().mean()
    reference = "whole picture, embedded model"
    yield Measured("tiles of 128, decoded: mean of 0..1", reference, float(decoded), 0.02)
    yield Measured("tiles of 128, encoded: mean in deviations", reference, float(encoded), 0.1)
    samples = torch.randn(1, 4, 40, 24, generator=torch.Generator().manual_seed(0))
    narrow, one_tile = narrow_vae(), {**options, "tile": 512}
    error = apart(decode_tiled(narrow, samples, **one_tile), narrow.decode(samples))
    yield Measured("one tile that holds all", "whole picture", error, 1e-6)


def narrow_vae() -> Vae:
    """An autoencoder of almost no size with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Vae(Autoencoder(small.VAE).eval().requires_grad_(False))


def files(run: Run) -> Iterator[Layout]:
    """VAE files of every layout, and published ones by their names."""
    tensors = small.random_weights(Autoencoder(small.VAE), 1)
    prefixed = {AUTOENCODER + name: each for name, each in tensors.items()}
    layouts = {
        "bare .safetensors": ("bare.safetensors", tensors),
        "bare .ckpt (state_dict)": ("bare.ckpt", tensors),
        "bare .pt": ("bare.pt", tensors),
        "first_stage_model.*": ("prefix.safetensors", prefixed),
        "fp16": ("half.safetensors", {name: each.half() for name, each in tensors.items()}),
    }
    for what, (name, given) in layouts.items():
        path = write(run.path(f"vae/{name}"), given)
        bare = {key.removeprefix(AUTOENCODER): each for key, each in given.items()}
        yield loads(what, partial(gives, path, bare))
    yield loads("VAESave and back", lambda: saved_again(run))
    for name, what in (
        ("vae-ft-mse-840000-ldm", "vae-ft-mse, original"),
        ("diffusers-vae-sd", "vae-ft-mse, diffusers"),
        ("diffusers-vae-sd-2022-names", "diffusers of 2022"),
    ):
        yield fits(name, what, found)
    yield from tiny_files(run)


def tiny_files(run: Run) -> Iterator[Layout]:
    """TAESD as a VAE in one file and in two, and its decoder for previews."""
    halves = {half: Golden(f"taesd_{half}_random").weights for half in ("encoder", "decoder")}
    whole = {f"taesd_{half}.{name}": each for half, given in halves.items() for name, each in given.items()}
    for half, given in halves.items():
        write(run.path(f"vae/taesd_{half}.safetensors"), given)
        yield loads(
            f"taesd-{half}: {len(manifest(f'taesd-{half}'))} keys", partial(published_half, half, given)
        )
    decoder = run.path("vae/taesd_decoder.safetensors")
    yield loads("TAESD in two files", partial(gives, decoder, whole))
    path = write(run.path("vae/taesd.safetensors"), whole)
    yield loads("TAESD in one file, ComfyUI", partial(gives, path, whole))
    names = {
        re.sub(r"taesd_(encoder|decoder)\.(\d+)", of_diffusers, name): each for name, each in whole.items()
    }
    path = write(run.path("vae/tiny.safetensors"), names)
    yield loads("TAESD in one file, diffusers", partial(gives, path, whole))
    preview = partial(load_preview_decoder, decoder, device=CPU, dtype=FULL)
    yield loads("TAESD for previews", lambda: same(preview(), halves["decoder"]))


def of_diffusers(name: re.Match[str]) -> str:
    """A layer's name there: the decoder's first, which has no weights, is not counted."""
    return f"{name[1]}.layers.{int(name[2]) - (name[1] == 'decoder')}"


def published_half(half: str, given: Tensors) -> bool:
    """Whether a published half has the names and shapes of ours."""
    return manifest(f"taesd-{half}") == {name: tuple(each.shape) for name, each in given.items()}


def gives(path: Path, tensors: Tensors) -> bool:
    """Whether a VAE's file is read as these tensors."""
    return same(load_vae(path, device=CPU, dtype=FULL).network, tensors)


def saved_again(run: Run) -> bool:
    vae = narrow_vae()
    name = save_vae(vae, run.path("vae/out/x").parent, "vae", {})
    again = load_vae(run.path(f"vae/out/{name}"), device=CPU, dtype=FULL)
    return same(again.network, vae.network.state_dict())


def found(tensors: dict) -> tuple[dict, nn.Module]:
    """What our loader makes of a VAE's tensors, and the network that they are to fill."""
    parts = find_vae(tensors)
    return parts.tensors, Autoencoder(parts.config)


def x4_files(_: Run) -> Iterator[Layout]:
    """Files of the x4 upscaler's autoencoder."""
    for name, what in (("vae-x4-upscaler-ldm", "VAE, original"), ("diffusers-vae-x4", "VAE, diffusers")):
        yield fits(name, what, found)
