"""What each sub-command of `python -m training` does; files go to build/training/."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from diffusion.checkpoint.load import load_checkpoint
from diffusion.models.classifier import Classifier
from diffusion.models.clip import ClipText
from diffusion.models.taesd import TaesdDecoder
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet
from diffusion.models.vae import Autoencoder
from diffusion.sampling.run import Settings
from training.autoencoder import fold_scale, pooled_batch, psnr, vae_batch, vae_loss
from training.captions import Scene, plain_prompt
from training.classifier import accuracy, classifier_config, classifier_loss
from training.compose import Composer
from training.concepts import BACKGROUNDS, SMALL_WORLD
from training.dataset import compose_pool, concepts_of, load_composer, load_strays
from training.diffusion_model import captioned, encode_pool, noise_loss
from training.export import write_checkpoint
from training.loop import Plan, Training
from training.presets import Preset
from training.preview import preview_loss, preview_psnr
from training.sheet import draw, write_sheet
from training.text import CaptionReader, caption_loss, reading_accuracy, start_small
from training.vocabulary import vocabulary_of

BUILD = Path("build/training")


def seeded(seed: int) -> None:
    """Fix the initial weights; everything after is seeded step by step."""
    torch.manual_seed(seed)


def train_vae(preset: Preset, plan: Plan, *, resume: bool) -> None:
    """Train the autoencoder and leave its averaged weights, latents scaled, in vae.pt."""
    pictures_of = picture_source(preset, plan.seed)
    seeded(plan.seed)
    vae = Autoencoder(preset.vae).to(preset.device)
    training = Training(vae, plan, BUILD / preset.name / "vae-state.pt")
    if resume:
        training.resume()

    def batch_of(random: np.random.Generator) -> torch.Tensor:
        small = training.progress < preset.vae_crop_share
        batch, size = (2 * preset.vae_batch, 64) if small else (preset.vae_batch, 128)
        return pictures_of(random, batch=batch, size=size)

    training.run(vae_loss(vae, batch_of, preset.kl_weight))
    finish_vae(preset, training.average.module)


def picture_source(preset: Preset, seed: int) -> Callable[..., torch.Tensor]:
    """Return what makes batches: fresh pictures or, for devices that outrun composing, a pool of them."""
    composer = load_composer(preset)
    if not preset.vae_pool:
        return partial(vae_batch, composer, load_strays(), stray_share=preset.vae_stray_share)
    pictures, _ = compose_pool(composer, preset.vae_pool, seed)
    return partial(pooled_batch, torch.from_numpy(pictures).permute(0, 3, 1, 2).to(preset.device))


def finish_vae(preset: Preset, vae: Autoencoder) -> None:
    """Measure, scale and keep a trained autoencoder."""
    composer = load_composer(preset)
    pictures = vae_batch(composer, [], np.random.default_rng(123), batch=128).to(preset.device)
    fold_scale(vae, pictures)
    print(f"vae: {psnr(vae, pictures):.2f} dB on 128 pictures of the small world")
    torch.save(vae.state_dict(), BUILD / preset.name / "vae.pt")


def train_text(preset: Preset, plan: Plan, *, resume: bool) -> None:
    """Train the text encoder as a reader of captions; leaves text.pt, with the whole token table."""
    composer = load_composer(preset)
    vocabulary = vocabulary_of(composer.concepts)
    seeded(plan.seed)
    clip = ClipText(dataclasses.replace(preset.text, vocab=len(vocabulary)))
    start_small(clip)
    reader = CaptionReader(clip, len(composer.concepts)).to(preset.device)
    training = Training(reader, plan, BUILD / preset.name / "text-state.pt")
    if resume:
        training.resume()
    training.run(caption_loss(reader, composer, vocabulary, preset.text_batch))
    accuracy = reading_accuracy(training.average.module, composer, vocabulary)
    print("read rightly: concept {:.3f}, colour {:.3f}, background {:.3f}".format(*accuracy))
    state = training.average.module.clip.state_dict()
    table = "text_model.embeddings.token_embedding.weight"
    state[table] = vocabulary.whole_table(state[table])
    torch.save(state, BUILD / preset.name / "text.pt")


def load_parts(preset: Preset) -> tuple[Autoencoder, ClipText]:
    """Load the trained autoencoder and text encoder, fixed."""
    folder = BUILD / preset.name
    vae, clip = Autoencoder(preset.vae), ClipText(preset.text)
    vae.load_state_dict(torch.load(folder / "vae.pt", weights_only=True))
    clip.load_state_dict(torch.load(folder / "text.pt", weights_only=True))
    return (
        vae.to(preset.device).eval().requires_grad_(False),
        clip.to(preset.device).eval().requires_grad_(False),
    )


def train_unet(preset: Preset, plan: Plan, *, resume: bool) -> None:
    """Encode a pool of pictures, then train the UNet on it; the averaged weights end up in unet.pt."""
    composer = load_composer(preset)
    vae, clip = load_parts(preset)
    pool = encode_pool(vae, *compose_pool(composer, preset.pool, plan.seed))
    print(
        f"pool of {len(pool.scenes)} latents, standard deviation {float(pool.latents.std()):.3f}", flush=True
    )
    seeded(plan.seed)
    unet = UNet(preset.unet).zero_outputs().to(preset.device, memory_format=torch.channels_last)
    training = Training(unet, plan, BUILD / preset.name / "unet-state.pt")
    if resume:
        training.resume()
    contexts = captioned(clip, token_rows(), composer, pool.latents.device)
    training.run(noise_loss(unet, contexts, pool, batch=preset.unet_batch))
    torch.save(training.average.module.state_dict(), BUILD / preset.name / "unet.pt")


def token_rows() -> Callable[[str], list[int]]:
    """Return what turns a caption into the 77 token ids of a window, each caption once."""
    tokenizer = Tokenizer()
    return cache(lambda caption: tokenizer.window(tokenizer.encode(caption)))


def averaged_unet(preset: Preset) -> dict[str, torch.Tensor]:
    """Return the averaged weights of the UNet from its training state, finished or not."""
    state = torch.load(BUILD / preset.name / "unet-state.pt", weights_only=True, map_location="cpu")
    print(f"UNet after {state['step']} steps, {state['seconds'] / 60:.1f} minutes")
    return state["average"]


def export(preset: Preset, path: Path) -> None:
    """Write the checkpoint from whatever is trained so far."""
    folder = BUILD / preset.name
    parts = {name: torch.load(folder / f"{name}.pt", weights_only=True) for name in ("vae", "text")}
    write_checkpoint(path, {"unet": averaged_unet(preset)} | parts, concepts_of(preset))


def train_preview(preset: Preset, plan: Plan, path: Path, *, resume: bool) -> None:
    """Distil the preview decoder and write it as float16."""
    composer = load_composer(preset)
    vae, _ = load_parts(preset)
    pool = encode_pool(vae, *compose_pool(composer, preset.preview_pool, plan.seed))
    seeded(plan.seed)
    decoder = TaesdDecoder(preset.preview).to(preset.device)
    training = Training(decoder, plan, BUILD / preset.name / "preview-state.pt")
    if resume:
        training.resume()
    training.run(preview_loss(decoder, vae, pool, preset.preview_batch))
    decoder = training.average.module
    print(f"preview: {preview_psnr(decoder, vae, pool):.2f} dB against the autoencoder")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.half().cpu() for name, tensor in decoder.state_dict().items()}, path)


def train_classifier(preset: Preset, plan: Plan, path: Path, *, resume: bool) -> None:
    """Train the classifier on composed pictures and write it as float16, its labels in the metadata."""
    composer = load_composer(preset)
    pictures, scenes = small_pool(composer, preset.classifier_pool, plan.seed)
    seeded(plan.seed)
    classifier = Classifier(classifier_config(composer))
    training = Training(classifier, plan, BUILD / preset.name / "classifier-state.pt")
    if resume:
        training.resume()
    training.run(classifier_loss(classifier, pictures, scenes, preset.classifier_batch))
    classifier = training.average.module
    found = accuracy(classifier, *small_pool(composer, 640, plan.seed + 1))
    print("classified rightly: object {object:.3f}, background {background:.3f}".format(**found))
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.half().cpu() for name, tensor in classifier.state_dict().items()}
    save_file(state, path, metadata={"labels": json.dumps(dict(classifier.config.heads))})


def small_pool(composer: Composer, size: int, seed: int) -> tuple[torch.Tensor, list[Scene]]:
    """Pictures uint8 [N, 3, 64, 64] and what each shows."""
    pictures, scenes = compose_pool(composer, size, seed)
    large = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    return torch.cat([F.avg_pool2d(part.float(), 2).byte() for part in large.split(256)]), list(scenes)


def sheet(checkpoint: Path, path: Path, *, cfg: float, steps: int, seed: int) -> None:
    """Draw every concept once, natural, each on the next background."""
    loaded = load_checkpoint(checkpoint)
    backgrounds = ("white", *BACKGROUNDS)
    prompts = [
        plain_prompt(concept, Scene(index, None, backgrounds[index % len(backgrounds)]))
        for index, concept in enumerate(SMALL_WORLD)
    ]
    settings = Settings(seed=seed, steps=steps, cfg=cfg, sampler="dpmpp_2m", scheduler="karras")
    parts = [draw(loaded, prompts[part : part + 32], settings) for part in range(0, len(prompts), 32)]
    write_sheet(path, np.concatenate(parts), columns=11)
