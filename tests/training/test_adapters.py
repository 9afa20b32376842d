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
from diffusion.checkpoint.control_files import load_control
from diffusion.control import make_control
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet, UNetConfig
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Model
from training import adapters
from training.captions import Scene
from training.compose import Composer, Drawing
from training.concepts import BACKGROUNDS, Concept
from training.dataset import compose_pool
from training.diffusion_model import Contexts, Pool, noise_loss, random_captions
from training.loop import Chance, Plan, Training
from training.styles import anywhere, old_film, on_background, sticker, stickers

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


def test_a_trained_sketch_adapter_does_from_its_file_what_it_did_in_training(composer, tmp_path):
    unet, config = tiny_unet(), AdapterConfig(1, UNET.widths)
    adapter = build_adapter(config)
    pictures, _ = compose_pool(anywhere(composer), 8, seed=1)
    sketches = adapters.sketches_of(pictures[:8, :64, :64], np.random.default_rng(1))
    guides = adapters.guided_by(adapter, sketches)
    Training(adapter, PLAN, tmp_path / "state.pt").run(noise_loss(unet, context, POOL, 2, guides))
    adapters.write_adapter(adapter.half().float(), tmp_path / "sketch.safetensors")
    model = load_control(tmp_path / "sketch.safetensors", dtype=torch.float32)
    assert model.network.config == config
    x, timesteps, words = torch.zeros(1, 4, 8, 8), torch.tensor([500]), torch.zeros(1, 77, 64)
    shown = make_control(model, sketches[:1, 0, :, :, None].float(), strength=1.0)
    placed = shown.placed(x, (slice(0, 8), slice(0, 8)), NoiseSchedule.scaled_linear())
    with torch.inference_mode():
        theirs = unet(x, timesteps, words, control=placed.residuals(x, timesteps, words))
        ours = unet(x, timesteps, words, control=guides(torch.tensor([0])))
        plain = unet(x, timesteps, words)
    torch.testing.assert_close(theirs, ours, rtol=1e-3, atol=1e-4)
    assert float((ours - plain).abs().max()) > 1e-3


def middle(where: torch.Tensor) -> list[float]:
    """The mean row and column of what is true."""
    return [float(places.float().mean()) for places in torch.where(where)]


def test_sketches_are_lines_where_things_are_and_things_may_be_anywhere(composer):
    made, random = anywhere(composer), np.random.default_rng(1)
    pictures = np.stack([made.picture(Scene(0, None, "blue"), random) for _ in range(12)])
    sketches = adapters.sketches_of(pictures, np.random.default_rng(1))
    assert sketches.shape == (12, 1, 128, 128) and set(sketches.unique().tolist()) == {0, 1}
    reds = [middle(torch.from_numpy(each[..., 0] > 200)) for each in pictures]
    assert np.ptp([x for _, x in reds]) > 30
    for red, lines in zip(reds, sketches[:, 0], strict=True):
        assert middle(lines > 0) == pytest.approx(red, abs=2)
        assert float(lines.float().mean()) < 0.2
