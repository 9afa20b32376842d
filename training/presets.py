"""The two recipes: an hour or two on two CPU cores, or 25 minutes on one large GPU."""

from __future__ import annotations

from dataclasses import dataclass

from diffusion.models.clip import ClipTextConfig
from diffusion.models.taesd import TaesdConfig
from diffusion.models.unet import UNetConfig
from diffusion.models.vae import VaeConfig
from training.loop import Plan


@dataclass(frozen=True)
class Preset:
    """Shapes, budgets and pictures of one recipe; batches are counted in pictures."""

    name: str
    device: str
    styles: tuple[str, ...]
    whole_world: bool
    sizes: tuple[int, ...]
    vae: VaeConfig
    vae_plan: Plan
    vae_batch: int
    vae_crop_share: float
    vae_stray_share: float
    vae_pool: int
    kl_weight: float
    text: ClipTextConfig
    text_plan: Plan
    text_batch: int
    unet: UNetConfig
    unet_plan: Plan
    unet_batch: int
    pool: int
    preview: TaesdConfig
    preview_plan: Plan
    preview_batch: int
    preview_pool: int
    classifier_plan: Plan
    classifier_batch: int
    classifier_pool: int


CPU = Preset(
    name="cpu",
    device="cpu",
    styles=("flat",),
    whole_world=False,
    sizes=(108, 116, 124),
    vae=VaeConfig(channels=12, multipliers=(1, 3, 6, 8), res_blocks=1),
    vae_plan=Plan(lr=3e-3, minutes=40, muon=True, warmup_steps=30, flat_share=0.4, ema_decay=0.995),
    vae_batch=8,
    vae_crop_share=0.45,
    vae_stray_share=0.2,
    vae_pool=0,
    kl_weight=5e-4,
    text=ClipTextConfig(width=128, layers=3, heads=2, mlp=256),
    text_plan=Plan(lr=2e-3, steps=500, muon=False, warmup_steps=30, ema_decay=0.98, seed=2),
    text_batch=96,
    unet=UNetConfig(
        model_channels=48,
        multipliers=(1, 2, 4),
        res_blocks=1,
        attention_levels=(False, True, True),
        context_dim=128,
    ),
    unet_plan=Plan(lr=2e-3, minutes=65, muon=True, warmup_steps=100, ema_decay=0.998, seed=3),
    unet_batch=32,
    pool=9600,
    preview=TaesdConfig(channels=16),
    preview_plan=Plan(lr=4e-3, steps=700, muon=True, warmup_steps=30, ema_decay=0.98, seed=4),
    preview_batch=8,
    preview_pool=768,
    classifier_plan=Plan(lr=2e-3, minutes=6, muon=False, warmup_steps=50, ema_decay=0.995, seed=5),
    classifier_batch=64,
    classifier_pool=12_800,
)

GPU = Preset(
    name="gpu",
    device="cuda",
    styles=("flat", "colour", "noto", "twemoji"),
    whole_world=True,
    sizes=(108, 124),
    vae=VaeConfig(channels=48, multipliers=(1, 2, 4, 4), res_blocks=1),
    vae_plan=Plan(lr=2e-3, minutes=7, warmup_steps=100, flat_share=0.4, bf16=True),
    vae_batch=48,
    vae_crop_share=0.4,
    vae_stray_share=0.0,
    vae_pool=40_000,
    kl_weight=5e-4,
    text=ClipTextConfig(width=192, layers=4, heads=3, mlp=768),
    text_plan=Plan(lr=1e-3, minutes=1.5, muon=False, warmup_steps=100, ema_decay=0.99, seed=2),
    text_batch=256,
    unet=UNetConfig(
        model_channels=96,
        multipliers=(1, 2, 4),
        res_blocks=2,
        attention_levels=(True, True, True),
        context_dim=192,
    ),
    unet_plan=Plan(lr=1e-3, minutes=12, warmup_steps=300, ema_decay=0.9995, seed=3, bf16=True),
    unet_batch=256,
    pool=100_000,
    preview=TaesdConfig(channels=64),
    preview_plan=Plan(lr=2e-3, minutes=1.5, warmup_steps=50, ema_decay=0.99, seed=4, bf16=True),
    preview_batch=64,
    preview_pool=10_000,
    classifier_plan=Plan(lr=2e-3, minutes=2, muon=False, warmup_steps=50, ema_decay=0.995, seed=5),
    classifier_batch=256,
    classifier_pool=50_000,
)

PRESETS = {preset.name: preset for preset in (CPU, GPU)}
