"""Adapters trained beside a tiny model: their files make the engine's own loaders do the same."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.adapters.embeddings import read_embedding
from diffusion.adapters.hypernetworks import fitting, read_hypernetwork
from diffusion.adapters.lora import merged_model, patch_model, read_lora
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet, UNetConfig
from diffusion.values import Model
from training import adapters
from training.captions import Scene
from training.compose import Composer, Drawing
from training.concepts import BACKGROUNDS, Concept
from training.diffusion_model import Contexts, Pool, noise_loss, random_captions
from training.loop import Chance, Plan, Training
from training.styles import old_film, on_background, sticker, stickers

UNET = UNetConfig(
    model_channels=24, multipliers=(1, 2), res_blocks=1, attention_levels=(False, True), context_dim=64
)
PLAN = Plan(lr=1e-2, steps=3, muon=False, warmup_steps=1, ema_decay=0.0, seed=5)
POOL = Pool(
    torch.randn(8, 4, 8, 8, generator=torch.Generator().manual_seed(1)), (Scene(0, None, "white"),) * 8
)
rows_of = partial(lambda tokenizer, said: tokenizer.window(tokenizer.encode(said)), Tokenizer())


def disc() -> np.ndarray:
    """A red disc, RGBA uint8 [120, 120, 4]."""
    y, x = np.mgrid[:120, :120] - 59.5
    rgba = np.zeros((120, 120, 4), np.uint8)
    rgba[..., 0], rgba[..., 3] = 230, 255 * (x**2 + y**2 < 50**2)
    return rgba


@pytest.fixture
def composer() -> Composer:
    return Composer((Concept("disc", "disc", recolour=True),), {"flat": (Drawing((disc(),)),)})


def tiny_unet() -> UNet:
    """Random, fixed, the same each time."""
    torch.manual_seed(0)
    return UNet(UNET).eval().requires_grad_(False)


def tiny_clip() -> ClipText:
    torch.manual_seed(0)
    return ClipText(ClipTextConfig(width=64, layers=1, heads=1, mlp=64)).eval().requires_grad_(False)


def context(scenes: list[Scene], chance: Chance) -> torch.Tensor:
    return chance.normal_like(torch.empty(len(scenes), 77, 64))


def trained(
    parts: torch.nn.Module, unet: UNet, contexts: Contexts, path: Path, pool: Pool = POOL
) -> torch.nn.Module:
    """The parts after a few steps."""
    Training(parts, PLAN, path).run(noise_loss(unet, contexts, pool, batch=2))
    return parts


@torch.inference_mode()
def answer(unet: UNet) -> torch.Tensor:
    random = torch.Generator().manual_seed(2)
    x = torch.randn(2, 4, 8, 8, generator=random)
    return unet(x, torch.tensor([10, 500]), torch.randn(2, 77, 64, generator=random))


def test_a_trained_lora_does_from_its_file_what_it_did_in_training(tmp_path):
    unet = tiny_unet()
    parts = trained(adapters.add_low_ranks(unet), unet, context, tmp_path / "state.pt").half().float()
    adapters.write_lora(parts, tmp_path / "lora.safetensors", {"modelspec.title": "Tiny"})
    own = Model(tiny_unet())
    patched = merged_model(patch_model(own, read_lora(tmp_path / "lora.safetensors"), 1.0)).network
    assert float((answer(patched) - answer(own.network)).abs().max()) > 1e-3
    torch.testing.assert_close(answer(patched), answer(unet.eval()), rtol=1e-4, atol=1e-5)


def test_a_trained_hypernetwork_does_from_its_file_what_it_did_in_training(tmp_path):
    unet = tiny_unet()
    parts = adapters.add_hypernetwork(unet, {64, *adapters.attention_widths(unet)})
    trained(parts, unet, context, tmp_path / "state.pt").half().float()
    adapters.write_hypernetwork(parts, tmp_path / "tiny.pt")
    own, again = tiny_unet(), tiny_unet()
    fitting(read_hypernetwork(tmp_path / "tiny.pt"), again).apply(again)
    assert float((answer(again) - answer(own)).abs().max()) > 1e-3
    torch.testing.assert_close(answer(again), answer(unet.eval()), rtol=1e-4, atol=1e-5)


def test_a_trained_word_takes_the_place_of_the_backgrounds_name(composer, tmp_path):
    clip, unet = tiny_clip(), tiny_unet()
    on_mint = on_background(composer, "mint", (178, 236, 214))
    teal = clip.embed_tokens(torch.tensor(rows_of("teal")[1]))
    word = adapters.Word(teal)
    contexts = word.contexts(clip, rows_of, on_mint)
    scenes = [Scene(0, None, "mint")] * 8
    trained(word, unet, contexts, tmp_path / "state.pt", replace(POOL, scenes=tuple(scenes)))
    adapters.write_word(word, tmp_path / "mint.safetensors")
    (vector,) = read_embedding(tmp_path / "mint.safetensors", 64)
    assert not torch.allclose(vector, teal)
    captions = random_captions(on_mint, scenes, Chance(1, 1))
    assert any("mint" in said for said in captions)
    rows = torch.tensor([rows_of(said) for said in captions])
    spoken = clip.embed_tokens(rows)
    spoken[rows == rows_of("mint")[1]] = vector
    assert torch.equal(contexts(scenes, Chance(1, 1)), clip.encode(spoken))


def test_a_sticker_has_a_white_border_within_the_drawings_size():
    made = sticker(disc())
    assert made.shape == (120, 120, 4)
    middle = made[60]
    reds = np.flatnonzero((middle[:, 0] > 200) & (middle[:, 1] < 60) & (middle[:, 3] == 255))
    whites = np.flatnonzero((middle[:, :3] > 240).all(-1) & (middle[:, 3] == 255))
    assert len(reds) == pytest.approx(0.86 * 100, abs=3)
    assert len(whites[whites < reds[0]]) == pytest.approx(4, abs=1)
    assert len(whites[whites > reds[-1]]) == pytest.approx(4, abs=1)


def test_styles_keep_the_scenes_and_change_their_looks(composer):
    scene, random = Scene(0, None, "red"), np.random.default_rng
    plain = composer.picture(scene, random(1))
    bordered, film = (make(composer).picture(scene, random(1)) for make in (stickers, old_film))
    mint = on_background(composer, "mint", (178, 236, 214)).picture(
        replace(scene, background="mint"), random(1)
    )
    assert tuple(plain[0, 0]) == tuple(bordered[0, 0]) == BACKGROUNDS["red"]
    assert (bordered > 240).all(-1).any() and not (plain > 240).all(-1).any()
    assert (film[..., 0] == film[..., 1]).all() and (film[..., 1] == film[..., 2]).all()
    assert tuple(mint[0, 0]) == (178, 236, 214) and (mint[64, 64] == plain[64, 64]).all()
