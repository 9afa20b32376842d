"""Inpainting, depth and x4 upscaling against diffusers' pipelines: the same tiny seeded weights, from the
given picture to the finished one. Errors measured on a CPU: at most 3e-5 of latents and 3e-6 of pictures.
"""

from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from diffusion.checkpoint.diffusers_names import diffusers_unet, diffusers_vae
from diffusion.checkpoint.keymaps import apply
from diffusion.depth_to_image import depth_conditioning
from diffusion.inpaint import edit_conditioning, inpaint_conditioning
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.sampling.guidance import Guider
from diffusion.sampling.noise import NoiseChoice
from diffusion.sampling.run import SamplerChoice, sample_custom
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.upscale_diffusion import upscale_conditioning
from diffusion.values import Cond, Latent, Model, Vae

pytestmark = pytest.mark.filterwarnings("ignore")  # diffusers warns about its own future

UNET = UNetConfig(
    model_channels=32,
    multipliers=(1, 2),
    res_blocks=1,
    attention_levels=(True, True),
    self_attention_levels=(True, True),
    heads=2,
    context_dim=16,
)
VAE = VaeConfig(channels=32, multipliers=(1, 1, 1, 1), res_blocks=1)
STEPS, SEED, CFG = 4, 7, 5.0


def random(seed: int, *shape: int, uniform: bool = False) -> Tensor:
    draw = torch.rand if uniform else torch.randn
    return draw(shape, generator=torch.Generator().manual_seed(seed))


POSITIVE, NEGATIVE = random(1, 1, 7, 16), random(2, 1, 7, 16)


@dataclass
class Pair:
    """The same networks as diffusers' parts and as our values."""

    parts: dict[str, Any]
    model: Model
    vae: Vae

    @property
    def sigmas(self) -> list[float]:
        """The levels that diffusers visits."""
        self.parts["scheduler"].set_timesteps(STEPS)
        return self.parts["scheduler"].sigmas.tolist()

    def start(self, noise: Tensor) -> Tensor:
        """What diffusers is to scale to the noise that we start from."""
        return noise * self.sigmas[0] / self.parts["scheduler"].init_noise_sigma

    def ours(self, sides: Any, latent: Latent, sigmas: list[float], *, start: bool = True) -> Latent:
        guider = Guider(sides, (CFG,) if len(sides) == 2 else (CFG, 1.5))
        noise = NoiseChoice(SEED, start=start)
        steps = sample_custom(self.model, guider, latent, sigmas, sampler=SamplerChoice("euler"), noise=noise)
        *_, last = steps
        return last.x

    def theirs(self, pipeline: Any, **inputs: Any) -> tuple[Tensor, Tensor]:
        """Latent and picture [B, 3, H, W] of a pipeline of these parts."""
        made = pipeline(**self.parts)
        made.set_progress_bar_config(disable=True)
        prompts = {"prompt_embeds": POSITIVE, "negative_prompt_embeds": NEGATIVE}
        options = {"num_inference_steps": STEPS, "guidance_scale": CFG, "output_type": "latent"}
        latent = made(**prompts, **options, **inputs).images
        with torch.no_grad():
            picture = self.parts["vae"].decode(latent / self.vae.scale).sample
        return latent, (picture / 2 + 0.5).clamp(0, 1)


def pair(unet: UNetConfig, vae: VaeConfig = VAE, *, x4: bool = False) -> Pair:
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel

    levels = len(vae.multipliers)
    betas = (0.0001, 0.02) if x4 else (0.00085, 0.012)
    prediction = "v" if x4 else "eps"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        their_unet = UNet2DConditionModel(
            sample_size=64,
            in_channels=unet.in_channels,
            block_out_channels=unet.widths,
            layers_per_block=unet.res_blocks,
            down_block_types=("CrossAttnDownBlock2D",) * 2,
            up_block_types=("CrossAttnUpBlock2D",) * 2,
            cross_attention_dim=unet.context_dim,
            attention_head_dim=unet.heads,  # diffusers' name for the number of heads
            only_cross_attention=tuple(not level for level in unet.self_attention_levels),
            use_linear_projection=unet.linear_projections,
            num_class_embeds=unet.classes,
        ).eval()
        their_vae = AutoencoderKL(
            block_out_channels=vae.widths,
            layers_per_block=vae.res_blocks,
            latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
            scaling_factor=0.08333 if x4 else 0.18215,
        ).eval()
    # Diffusers draws from the encoder's distribution, we take its mean: here it has no width.
    their_vae.quant_conv.weight.data[4:] = 0
    their_vae.quant_conv.bias.data[4:] = -60
    our_unet, our_vae = UNet(unet).eval(), Autoencoder(vae).eval()
    our_unet.load_state_dict(apply(diffusers_unet(unet), their_unet.state_dict()))
    our_vae.load_state_dict(apply(diffusers_vae(levels), their_vae.state_dict()))
    scheduler = EulerDiscreteScheduler(
        beta_start=betas[0],
        beta_end=betas[1],
        beta_schedule="scaled_linear",
        prediction_type="v_prediction" if x4 else "epsilon",
        timestep_spacing="leading",
        steps_offset=1,
    )
    none = dict.fromkeys(("text_encoder", "tokenizer", "feature_extractor"))
    return Pair(
        {"vae": their_vae, "unet": their_unet, "scheduler": scheduler, **none},
        Model(our_unet, prediction=prediction, schedule=NoiseSchedule.scaled_linear(*betas)),
        Vae(our_vae, scale=0.08333 if x4 else 0.18215, factor=vae.factor),
    )


def conds() -> tuple[tuple[Cond], tuple[Cond]]:
    return (Cond(POSITIVE),), (Cond(NEGATIVE),)


def assert_same(made: Pair, latent: Tensor, theirs: tuple[Tensor, Tensor]) -> None:
    torch.testing.assert_close(latent, theirs[0], atol=2e-4, rtol=0)
    picture = made.vae.decode(latent).movedim(-1, 1)
    torch.testing.assert_close(picture, theirs[1], atol=2e-5, rtol=0)
    assert latent.std() > 0.1 and picture.std() > 0.01


def test_inpainting_is_that_of_diffusers() -> None:
    from diffusers import StableDiffusionInpaintPipeline

    made = pair(replace(UNET, in_channels=9))
    image, mask = random(3, 1, 64, 96, 3, uniform=True), torch.zeros(1, 64, 96)
    mask[:, 16:48, 8:64] = 1
    positive, negative, latent = inpaint_conditioning(*conds(), made.vae, image, mask, masked=False)
    # Diffusers starts from noise alone, without the picture.
    ours = made.ours((positive, negative), Latent(torch.zeros_like(latent.samples)), made.sigmas)
    noise = random(SEED, *latent.samples.shape)
    made.parts["safety_checker"] = None
    theirs = made.theirs(
        lambda **parts: StableDiffusionInpaintPipeline(**parts, requires_safety_checker=False),
        image=image.movedim(-1, 1),
        mask_image=mask[:, None],
        latents=made.start(noise),
        height=64,
        width=96,
        strength=1.0,
    )
    assert_same(made, ours, theirs)


def test_depth_to_image_is_that_of_diffusers() -> None:
    from diffusers import StableDiffusionDepth2ImgPipeline

    made = pair(replace(UNET, in_channels=5, linear_projections=True))
    image, depth = random(3, 1, 64, 96, 3, uniform=True), 900 * random(4, 1, 96, 128, uniform=True)
    positive, negative, latent = depth_conditioning(
        *conds(), made.vae, image, drawn=depth[..., None].expand(-1, -1, -1, 3)
    )
    sigmas = made.sigmas[1:]  # three quarters of the way
    draws = torch.Generator().manual_seed(SEED)
    _, noise = (torch.randn(latent.samples.shape, generator=draws) for _ in range(2))
    start = Latent(latent.samples + noise * sigmas[0])
    ours = made.ours((positive, negative), start, sigmas, start=False)
    made.parts["depth_estimator"] = None
    theirs = made.theirs(
        StableDiffusionDepth2ImgPipeline,
        image=image.movedim(-1, 1),
        depth_map=depth,
        strength=0.75,
        generator=torch.Generator().manual_seed(SEED),
    )
    assert_same(made, ours, theirs)


@pytest.mark.parametrize("level", [20, 350])
def test_x4_upscaling_is_that_of_diffusers(level: int) -> None:
    from diffusers import StableDiffusionUpscalePipeline
    from diffusers.schedulers import DDPMScheduler

    unet = replace(
        UNET,
        in_channels=7,
        classes=1000,
        linear_projections=True,
        self_attention_levels=(False, True),
    )
    made = pair(unet, replace(VAE, multipliers=(1, 1, 2)), x4=True)
    small = random(3, 1, 16, 24, 3, uniform=True)
    positive, negative, latent = upscale_conditioning(*conds(), small, ratio=4.0, noise=level / 350)
    assert positive[0].label == level
    ours = made.ours((positive, negative), latent, made.sigmas)
    noise = random(SEED, *latent.samples.shape)
    made.parts["low_res_scheduler"] = DDPMScheduler(
        beta_start=0.0001, beta_end=0.02, beta_schedule="scaled_linear"
    )
    del made.parts["feature_extractor"]
    theirs = made.theirs(
        lambda **parts: StableDiffusionUpscalePipeline(**parts, max_noise_level=350),
        image=small.movedim(-1, 1),
        noise_level=level,
        latents=made.start(noise),
        generator=torch.Generator().manual_seed(SEED + 2**64 - 10),  # our rule: 10 below the seed
    )
    assert_same(made, ours, theirs)
    assert made.vae.decode(ours).shape == (1, 64, 96, 3)


def test_editing_by_instruction_is_that_of_diffusers() -> None:
    from diffusers import StableDiffusionInstructPix2PixPipeline

    made = pair(replace(UNET, in_channels=8))
    image = random(3, 1, 64, 96, 3, uniform=True)
    towards, away = conds()
    positive, picture, latent = edit_conditioning(towards, away, made.vae, image)
    ours = made.ours((positive, picture, away), latent, made.sigmas)
    made.parts["safety_checker"] = None
    theirs = made.theirs(
        lambda **parts: StableDiffusionInstructPix2PixPipeline(**parts, requires_safety_checker=False),
        image=image.movedim(-1, 1),
        latents=made.start(random(SEED, *latent.samples.shape)),
        image_guidance_scale=1.5,
    )
    assert_same(made, ours, theirs)
