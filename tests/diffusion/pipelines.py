"""Our sampling and diffusers' pipelines on the same tiny seeded weights, from the start to the picture.

Tests hold both together, and the parity benchmark measures how far they are apart.
"""

from dataclasses import dataclass, replace
from typing import Any

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


def pair(unet: UNetConfig, vae: VaeConfig = VAE, *, x4: bool = False, v: bool = False) -> Pair:
    """Networks of these shapes; the x4 upscaler predicts v on a schedule of its own."""
    from diffusers import EulerDiscreteScheduler

    betas, scale = ((0.0001, 0.02), 0.08333) if x4 else ((0.00085, 0.012), 0.18215)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        their_unet, their_vae = diffusers_unet_of(unet), diffusers_vae_of(vae, scale)
    our_unet, our_vae = UNet(unet).eval(), Autoencoder(vae).eval()
    our_unet.load_state_dict(apply(diffusers_unet(unet), their_unet.state_dict()))
    our_vae.load_state_dict(apply(diffusers_vae(len(vae.multipliers)), their_vae.state_dict()))
    scheduler = EulerDiscreteScheduler(
        beta_start=betas[0],
        beta_end=betas[1],
        beta_schedule="scaled_linear",
        prediction_type="v_prediction" if x4 or v else "epsilon",
        timestep_spacing="leading",
        steps_offset=1,
    )
    none = dict.fromkeys(("text_encoder", "tokenizer", "feature_extractor"))
    return Pair(
        {"vae": their_vae, "unet": their_unet, "scheduler": scheduler, **none},
        Model(our_unet, prediction="v" if x4 or v else "eps", schedule=NoiseSchedule.scaled_linear(*betas)),
        Vae(our_vae, scale=scale, factor=vae.factor),
    )


def diffusers_unet_of(config: UNetConfig) -> Any:
    """diffusers' UNet of a shape of two levels."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=64,
        in_channels=config.in_channels,
        block_out_channels=config.widths,
        layers_per_block=config.res_blocks,
        down_block_types=("CrossAttnDownBlock2D",) * 2,
        up_block_types=("CrossAttnUpBlock2D",) * 2,
        cross_attention_dim=config.context_dim,
        attention_head_dim=heads_of(config),
        only_cross_attention=tuple(not level for level in config.self_attention_levels),
        use_linear_projection=config.linear_projections,
        num_class_embeds=config.classes,
    ).eval()


def diffusers_vae_of(config: VaeConfig, scale: float) -> Any:
    """diffusers' autoencoder of a shape, whose encoder is sure of its latent.

    Diffusers draws from the encoder's distribution, we take its mean: here it has no width.
    """
    from diffusers import AutoencoderKL

    made = AutoencoderKL(
        block_out_channels=config.widths,
        layers_per_block=config.res_blocks,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * len(config.multipliers),
        up_block_types=("UpDecoderBlock2D",) * len(config.multipliers),
        scaling_factor=scale,
    ).eval()
    made.quant_conv.weight.data[4:] = 0
    made.quant_conv.bias.data[4:] = -60
    return made


def heads_of(unet: UNetConfig) -> int | tuple[int, ...]:
    """What diffusers calls attention_head_dim: the number of heads."""
    return unet.heads if unet.head_dim is None else tuple(unet.heads_at(width) for width in unet.widths)


def conds() -> tuple[tuple[Cond], tuple[Cond]]:
    return (Cond(POSITIVE),), (Cond(NEGATIVE),)


@dataclass
class Compared:
    """The latent that we make, and the latent and picture of a pipeline of diffusers'."""

    made: Pair
    latent: Tensor
    theirs: tuple[Tensor, Tensor]

    @property
    def picture(self) -> Tensor:
        """What we see in our latent: [B, 3, H, W] in 0..1."""
        return self.made.vae.decode(self.latent).movedim(-1, 1)


PICTURE = random(3, 1, 64, 96, 3, uniform=True)
SIZE = {"height": 64, "width": 96}
NO_CHECK = {"requires_safety_checker": False}


def text_to_image(*, v: bool = False, unet: UNetConfig = UNET) -> Compared:
    """From noise alone under two prompts."""
    from diffusers import StableDiffusionPipeline

    made = pair(unet, v=v)
    made.parts["safety_checker"] = None
    nothing = Latent(torch.zeros(1, 4, 8, 12))
    start = made.start(random(SEED, *nothing.samples.shape))
    theirs = made.theirs(lambda **parts: StableDiffusionPipeline(**parts, **NO_CHECK), latents=start, **SIZE)
    return Compared(made, made.ours(conds(), nothing, made.sigmas), theirs)


def image_to_image() -> Compared:
    """Three quarters of the way, from a picture."""
    from diffusers import StableDiffusionImg2ImgPipeline

    made = pair(UNET)
    made.parts["safety_checker"] = None
    latent, sigmas = made.vae.encode(PICTURE), made.sigmas[1:]
    draws = torch.Generator().manual_seed(SEED)
    _, noise = (torch.randn(latent.shape, generator=draws) for _ in range(2))  # the first is the encoder's
    ours = made.ours(conds(), Latent(latent + noise * sigmas[0]), sigmas, start=False)
    theirs = made.theirs(
        lambda **parts: StableDiffusionImg2ImgPipeline(**parts, **NO_CHECK),
        image=PICTURE.movedim(-1, 1),
        strength=0.75,
        generator=torch.Generator().manual_seed(SEED),
    )
    return Compared(made, ours, theirs)


def hole() -> Tensor:
    """A mask [1, 64, 96] of a rectangle."""
    mask = torch.zeros(1, 64, 96)
    mask[:, 16:48, 8:64] = 1
    return mask


def inpainting(**changes: Any) -> Compared:
    """A model that reads mask and picture beside the latent; from noise alone, without the picture."""
    from diffusers import StableDiffusionInpaintPipeline

    made = pair(replace(UNET, in_channels=9, **changes))
    positive, negative, latent = inpaint_conditioning(*conds(), made.vae, PICTURE, hole(), masked=False)
    ours = made.ours((positive, negative), Latent(torch.zeros_like(latent.samples)), made.sigmas)
    made.parts["safety_checker"] = None
    theirs = made.theirs(
        lambda **parts: StableDiffusionInpaintPipeline(**parts, **NO_CHECK),
        image=PICTURE.movedim(-1, 1),
        mask_image=hole()[:, None],
        latents=made.start(random(SEED, *latent.samples.shape)),
        strength=1.0,
        **SIZE,
    )
    return Compared(made, ours, theirs)


def masked_latent() -> Compared:
    """Three quarters of the way by any model inside a mask, the picture laid over the rest at every level."""
    from diffusers import StableDiffusionInpaintPipeline

    made = pair(UNET)
    latent, sigmas = made.vae.encode(PICTURE), made.sigmas[1:]
    ours = made.ours(conds(), Latent(latent, noise_mask=hole()[:, ::8, ::8]), sigmas)
    made.parts["safety_checker"] = None
    theirs = made.theirs(
        lambda **parts: StableDiffusionInpaintPipeline(**parts, **NO_CHECK),
        image=latent,  # which they know by its channels
        mask_image=hole()[:, None],
        masked_image_latents=latent,  # for models that read it
        strength=0.75,
        generator=torch.Generator().manual_seed(SEED),
        **SIZE,
    )
    return Compared(made, ours, theirs)


def depth_to_image() -> Compared:
    """Three quarters of the way from a picture, beside a map of depth."""
    from diffusers import StableDiffusionDepth2ImgPipeline

    made = pair(replace(UNET, in_channels=5, linear_projections=True))
    depth = 900 * random(4, 1, 96, 128, uniform=True)
    drawn = depth[..., None].expand(-1, -1, -1, 3)
    positive, negative, latent = depth_conditioning(*conds(), made.vae, PICTURE, drawn=drawn)
    sigmas = made.sigmas[1:]
    draws = torch.Generator().manual_seed(SEED)
    _, noise = (torch.randn(latent.samples.shape, generator=draws) for _ in range(2))
    start = Latent(latent.samples + noise * sigmas[0])
    ours = made.ours((positive, negative), start, sigmas, start=False)
    made.parts["depth_estimator"] = None
    theirs = made.theirs(
        StableDiffusionDepth2ImgPipeline,
        image=PICTURE.movedim(-1, 1),
        depth_map=depth,
        strength=0.75,
        generator=torch.Generator().manual_seed(SEED),
    )
    return Compared(made, ours, theirs)


def x4_upscaling(level: int) -> Compared:
    """A small picture, noised to a level, to four times its size."""
    from diffusers import StableDiffusionUpscalePipeline
    from diffusers.schedulers import DDPMScheduler

    unet = replace(
        UNET, in_channels=7, classes=1000, linear_projections=True, self_attention_levels=(False, True)
    )
    made = pair(unet, replace(VAE, multipliers=(1, 1, 2)), x4=True)
    small = random(3, 1, 16, 24, 3, uniform=True)
    positive, negative, latent = upscale_conditioning(*conds(), small, ratio=4.0, noise=level / 350)
    ours = made.ours((positive, negative), latent, made.sigmas)
    betas = {"beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "scaled_linear"}
    made.parts["low_res_scheduler"] = DDPMScheduler(**betas)
    del made.parts["feature_extractor"]
    theirs = made.theirs(
        lambda **parts: StableDiffusionUpscalePipeline(**parts, max_noise_level=350),
        image=small.movedim(-1, 1),
        noise_level=level,
        latents=made.start(random(SEED, *latent.samples.shape)),
        generator=torch.Generator().manual_seed(SEED + 2**64 - 10),  # our rule: 10 below the seed
    )
    return Compared(made, ours, theirs)


def editing_by_instruction() -> Compared:
    """A picture changed as a sentence says, picture and sentence weighed apart."""
    from diffusers import StableDiffusionInstructPix2PixPipeline

    made = pair(replace(UNET, in_channels=8))
    towards, away = conds()
    positive, picture, latent = edit_conditioning(towards, away, made.vae, PICTURE)
    ours = made.ours((positive, picture, away), latent, made.sigmas)
    made.parts["safety_checker"] = None
    theirs = made.theirs(
        lambda **parts: StableDiffusionInstructPix2PixPipeline(**parts, **NO_CHECK),
        image=PICTURE.movedim(-1, 1),
        latents=made.start(random(SEED, *latent.samples.shape)),
        image_guidance_scale=1.5,
    )
    return Compared(made, ours, theirs)
