"""The training of every part, at tiny widths, on drawings made here."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.checkpoint.load import load_checkpoint, load_preview_decoder
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.taesd import TaesdConfig, TaesdDecoder
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.sampling.run import Settings
from training.autoencoder import SCALE, fold_scale, psnr, vae_batch, vae_loss
from training.compose import Composer, Drawing
from training.concepts import Concept
from training.dataset import compose_pool
from training.diffusion_model import captioned, encode_pool, noise_loss
from training.export import write_checkpoint
from training.loop import Plan, Training
from training.preview import preview_loss
from training.sheet import draw
from training.text import LENGTH, CaptionReader, caption_loss, start_small
from training.vocabulary import vocabulary_of

CONCEPTS = (Concept("disc", "disc", ("circle",), recolour=True), Concept("square", "square"))
VAE = VaeConfig(channels=12, multipliers=(1, 1, 2, 2), res_blocks=1)
TEXT = ClipTextConfig(width=64, layers=1, heads=1, mlp=64)
UNET = UNetConfig(
    model_channels=24, multipliers=(1, 2), res_blocks=1, attention_levels=(False, True), context_dim=64
)
PLAN = Plan(lr=2e-3, steps=4, warmup_steps=2, seed=5)


def disc() -> np.ndarray:
    """A red disc, RGBA uint8 [120, 120, 4]."""
    y, x = np.mgrid[:120, :120] - 59.5
    rgba = np.zeros((120, 120, 4), np.uint8)
    rgba[..., 0], rgba[..., 3] = 230, 255 * (x**2 + y**2 < 50**2)
    return rgba


def square() -> np.ndarray:
    """A blue square, RGBA uint8 [120, 120, 4]."""
    rgba = np.zeros((120, 120, 4), np.uint8)
    rgba[20:-20, 20:-20] = (40, 60, 220, 255)
    return rgba


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(CONCEPTS, {"flat": (Drawing((disc(),)), Drawing((square(),)))})


def tiny_vae() -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder(VAE)


def vae_training(composer: Composer, path: Path) -> tuple[Training, partial]:
    vae = tiny_vae()
    batches = partial(vae_batch, composer, [disc()], batch=2, stray_share=0.5, size=64)
    return Training(vae, PLAN, path), partial(vae_loss, vae, batches, 1e-4)


def test_training_resumed_halfway_ends_bit_for_bit_where_one_run_ends(composer, tmp_path):
    whole, loss = vae_training(composer, tmp_path / "whole.pt")
    whole.run(loss())
    first, loss = vae_training(composer, tmp_path / "halves.pt")
    first.run(loss(), until_step=2)
    second, loss = vae_training(composer, tmp_path / "halves.pt")
    assert second.resume() and second.step == 2
    second.run(loss())
    for one, two in ((whole.module, second.module), (whole.average.module, second.average.module)):
        assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_training_lowers_the_loss_of_the_autoencoder(composer, tmp_path):
    vae = tiny_vae()
    training = Training(vae, replace(PLAN, steps=12), tmp_path / "vae.pt")
    pictures = vae_batch(composer, [], np.random.default_rng(0), batch=2, size=64)
    loss = vae_loss(vae, lambda random: pictures, 1e-4)
    losses = [training.take_step(loss) for _ in range(12)]
    assert losses[-1] < 0.9 * losses[0]


def test_folding_the_scale_gives_unit_latents_and_the_same_pictures(composer):
    vae = tiny_vae().eval()
    pictures = vae_batch(composer, [], np.random.default_rng(0), batch=4)
    with torch.inference_mode():
        before = vae.decode(vae.encode(pictures).mean)
        fold_scale(vae, pictures)
        latents = SCALE * vae.encode(pictures).mean
        after = vae.decode(vae.encode(pictures).mean)
    torch.testing.assert_close(latents.std(dim=(0, 2, 3)), torch.ones(4), rtol=1e-3, atol=0)
    torch.testing.assert_close(latents.mean(dim=(0, 2, 3)), torch.zeros(4), rtol=0, atol=1e-3)
    torch.testing.assert_close(after, before, rtol=0, atol=1e-3)
    assert psnr(vae, pictures) > 0


def test_parts_trained_for_two_steps_make_a_checkpoint_that_loads_and_draws(composer, tmp_path):
    vae = tiny_vae().eval().requires_grad_(False)
    vocabulary = vocabulary_of(CONCEPTS)
    reader = CaptionReader(ClipText(replace(TEXT, vocab=len(vocabulary))), len(CONCEPTS))
    start_small(reader.clip)
    plan = replace(PLAN, steps=2)
    Training(reader, plan, tmp_path / "text.pt").run(caption_loss(reader, composer, vocabulary, 4))
    text = reader.clip.state_dict()
    table = "text_model.embeddings.token_embedding.weight"
    text[table] = vocabulary.whole_table(text[table])
    clip = ClipText(TEXT).eval()
    clip.load_state_dict(text)
    unet = UNet(UNET).zero_outputs()
    pool = encode_pool(vae, *compose_pool(composer, 32, seed=1))
    rows = vocabulary.tokenizer
    contexts = captioned(clip, lambda said: rows.window(rows.encode(said)), composer, torch.device("cpu"))
    loss = noise_loss(unet, contexts, pool, batch=4)
    Training(unet, plan, tmp_path / "unet.pt").run(loss)
    path = tmp_path / "tiny.safetensors"
    parts = {"unet": unet.state_dict(), "vae": vae.state_dict(), "text": text}
    write_checkpoint(path, parts, CONCEPTS)
    checkpoint = load_checkpoint(path)
    assert (checkpoint.unexpected, checkpoint.model.prediction) == ((), "eps")
    assert (checkpoint.architecture.unet, checkpoint.architecture.vae) == (
        replace(UNET, self_attention_levels=(True, True)),
        VAE,
    )
    settings = Settings(seed=1, steps=2, cfg=3.0, sampler="euler", scheduler="normal")
    assert draw(checkpoint, ["a red disc", "a square"], settings).shape == (2, 128, 128, 3)


def test_preview_decoder_trains_in_the_published_layout(composer, tmp_path):
    from safetensors.torch import save_file

    vae = tiny_vae().eval().requires_grad_(False)
    pool = encode_pool(vae, *compose_pool(composer, 32, seed=1))
    decoder = TaesdDecoder(TaesdConfig(channels=12))
    Training(decoder, replace(PLAN, steps=2), tmp_path / "p.pt").run(preview_loss(decoder, vae, pool, 2))
    save_file(decoder.state_dict(), tmp_path / "preview.safetensors")
    loaded = load_preview_decoder(tmp_path / "preview.safetensors").float()
    assert loaded(torch.zeros(1, 4, 4, 4)).shape == (1, 3, 32, 32)


def test_rows_of_a_caption_are_those_of_clip_with_unknown_words_as_one():
    vocabulary = vocabulary_of(CONCEPTS)
    rows = vocabulary.rows("a red zeppelin", LENGTH)
    ids = vocabulary.tokenizer.window(vocabulary.tokenizer.encode("a red zeppelin"))[:LENGTH]
    known = [vocabulary.ids[row - 1] if row else None for row in rows]
    assert known == [id if id in vocabulary.ids else None for id in ids]
    table = vocabulary.whole_table(torch.arange(float(len(vocabulary)))[:, None])
    assert [int(table[id, 0]) for id in ids] == rows
