"""How diffusers names the tensors of the UNet and the autoencoder; its text encoders use our names."""

from collections.abc import Iterator

from diffusion.checkpoint.keymaps import Recipe, Rule, as_conv
from diffusion.models.unet import UNetConfig

# diffusers' name of a part -> the original one, at every residual block of the UNet.
RES_BLOCK = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "class_embedding": "label_emb",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
# The original name of a part -> diffusers' names, the present one and that of 2022, in the VAE's attention.
VAE_ATTENTION = {"q": "to_q|query", "k": "to_k|key", "v": "to_v|value", "proj_out": r"to_out\.0|proj_attn"}


def renamed(theirs: str, ours: str) -> Rule:
    """All tensors of one module."""
    return Rule(rf"{theirs.replace('.', '[.]')}\.(.*)", rf"{ours}.\1")


def diffusers_unet(config: UNetConfig) -> Recipe:
    """UNet2DConditionModel: levels and blocks where the originals number stages."""
    rules = [renamed(theirs, ours) for theirs, ours in UNET_ENDS.items()]
    for theirs, ours in (*input_modules(config), *middle_modules(), *output_modules(config)):
        if ".resnets." in theirs:
            rules += [renamed(f"{theirs}.{part}", f"{ours}.{name}") for part, name in RES_BLOCK.items()]
        else:
            rules.append(renamed(theirs, ours))
    return tuple(rules)


def input_modules(config: UNetConfig) -> Iterator[tuple[str, str]]:
    """Modules of the descending half: diffusers' name and ours."""
    stage = 1
    for level in range(len(config.widths)):
        block = f"down_blocks.{level}"
        for index in range(config.res_blocks):
            yield f"{block}.resnets.{index}", f"input_blocks.{stage}.0"
            yield f"{block}.attentions.{index}", f"input_blocks.{stage}.1"
            stage += 1
        yield f"{block}.downsamplers.0.conv", f"input_blocks.{stage}.0.op"
        stage += 1


def middle_modules() -> Iterator[tuple[str, str]]:
    """Modules of the middle."""
    yield "mid_block.resnets.0", "middle_block.0"
    yield "mid_block.attentions.0", "middle_block.1"
    yield "mid_block.resnets.1", "middle_block.2"


def output_modules(config: UNetConfig) -> Iterator[tuple[str, str]]:
    """Modules of the ascending half; the step up comes after the attention where there is one."""
    stage = 0
    for level, attention in enumerate(reversed(config.attention_levels)):
        block = f"up_blocks.{level}"
        for index in range(config.res_blocks + 1):
            yield f"{block}.resnets.{index}", f"output_blocks.{stage}.0"
            yield f"{block}.attentions.{index}", f"output_blocks.{stage}.1"
            stage += 1
        yield f"{block}.upsamplers.0.conv", f"output_blocks.{stage - 1}.{1 + attention}.conv"


def diffusers_vae(levels: int) -> Recipe:
    """AutoencoderKL with `levels` resolutions; its upward levels count the other way round."""
    mid = r"(encoder|decoder)\.mid_block\."
    rules = [
        Rule(r"((?:encoder|decoder)\.conv_(?:in|out)\..*|(?:post_)?quant_conv\..*)", r"\1"),
        Rule(r"(encoder|decoder)\.conv_norm_out\.(.*)", r"\1.norm_out.\2"),
        Rule(mid + r"resnets\.0\.(.*)", r"\1.mid.block_1.\2"),
        Rule(mid + r"resnets\.1\.(.*)", r"\1.mid.block_2.\2"),
        Rule(mid + r"attentions\.0\.group_norm\.(.*)", r"\1.mid.attn_1.norm.\2"),
    ]
    for ours, theirs in VAE_ATTENTION.items():
        part = mid + rf"attentions\.0\.(?:{theirs})\."
        rules.append(Rule(part + "weight", rf"\1.mid.attn_1.{ours}.weight", as_conv))
        rules.append(Rule(part + "bias", rf"\1.mid.attn_1.{ours}.bias"))
    for level in range(levels):
        down, up = f"encoder.down_blocks.{level}", f"decoder.up_blocks.{levels - 1 - level}"
        rules += vae_level(down, f"encoder.down.{level}") + vae_level(up, f"decoder.up.{level}")
        rules.append(renamed(f"{down}.downsamplers.0", f"encoder.down.{level}.downsample"))
        rules.append(renamed(f"{up}.upsamplers.0", f"decoder.up.{level}.upsample"))
    return tuple(rules)


def vae_level(theirs: str, ours: str) -> list[Rule]:
    """The residual blocks of one level of the autoencoder."""
    block = rf"{theirs.replace('.', '[.]')}\.resnets\.(\d+)\."
    return [
        Rule(block + r"((?:norm|conv)[12]\..*)", rf"{ours}.block.\1.\2"),
        Rule(block + r"conv_shortcut\.(.*)", rf"{ours}.block.\1.nin_shortcut.\2"),
    ]
