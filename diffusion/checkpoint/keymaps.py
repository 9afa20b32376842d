"""Where each file layout keeps the tensors of a network: recipes of renaming rules, and nothing else.

A recipe turns the tensors of a file into those of one of our networks, whose names are the original ones of
latent diffusion and CLIP. Names that no rule matches belong to something else in the same file.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from torch import Tensor

Transform = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Rule:
    """Tensors whose whole name matches `pattern` are called `target` (a regex template) in the network."""

    pattern: str
    target: str
    transform: Transform | None = None


Recipe = tuple[Rule, ...]


def apply(recipe: Recipe, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors that the recipe knows, under their names in the network."""
    rules = [(re.compile(rule.pattern), rule) for rule in recipe]
    renamed = {}
    for name in tensors:
        for pattern, rule in rules:
            if match := pattern.fullmatch(name):
                tensor = tensors[name]
                transformed = tensor if rule.transform is None else rule.transform(tensor)
                renamed[match.expand(rule.target)] = transformed
    return renamed


def known(recipe: Recipe, name: str) -> bool:
    """Whether any rule matches."""
    return any(re.fullmatch(rule.pattern, name) for rule in recipe)


def third(index: int) -> Transform:
    """One of three equal parts of the rows: query, key or value of a joint projection."""
    return partial(rows, index=index)


def rows(tensor: Tensor, index: int) -> Tensor:
    """Part `index` of three along the first axis."""
    return tensor.chunk(3)[index]


def as_conv(tensor: Tensor) -> Tensor:
    """A linear weight [O, I] as that of a 1x1 convolution [O, I, 1, 1]; convolutions stay."""
    return tensor if tensor.ndim == 4 else tensor[:, :, None, None]


# --- whole checkpoints

UNET = (Rule(r"model\.diffusion_model\.(.*)", r"\1"),)
VAE_PARTS = r"((?:encoder|decoder|quant_conv|post_quant_conv)\..*)"
VAE = (Rule(r"first_stage_model\." + VAE_PARTS, r"\1"),)

POSITION_IDS = r"(?!.*position_ids$)"  # a constant that older files carry along
CLIP_TEXT = (
    Rule(
        rf"cond_stage_model\.transformer\.{POSITION_IDS}(?:text_model\.)?((?:embeddings|encoder|final).*)",
        r"text_model.\1",
    ),
)

LAYER = r"transformer\.resblocks\.(\d+)\."
OUR_LAYER = r"text_model.encoder.layers.\1."
OPENCLIP_RULES = (
    (r"token_embedding\.weight", "text_model.embeddings.token_embedding.weight", None),
    (r"positional_embedding", "text_model.embeddings.position_embedding.weight", None),
    (r"ln_final\.(.*)", r"text_model.final_layer_norm.\1", None),
    (LAYER + r"ln_([12])\.(.*)", OUR_LAYER + r"layer_norm\2.\3", None),
    (LAYER + r"mlp\.c_fc\.(.*)", OUR_LAYER + r"mlp.fc1.\2", None),
    (LAYER + r"mlp\.c_proj\.(.*)", OUR_LAYER + r"mlp.fc2.\2", None),
    (LAYER + r"attn\.out_proj\.(.*)", OUR_LAYER + r"self_attn.out_proj.\2", None),
    (LAYER + r"attn\.in_proj_(.*)", OUR_LAYER + r"self_attn.q_proj.\2", third(0)),
    (LAYER + r"attn\.in_proj_(.*)", OUR_LAYER + r"self_attn.k_proj.\2", third(1)),
    (LAYER + r"attn\.in_proj_(.*)", OUR_LAYER + r"self_attn.v_proj.\2", third(2)),
)


def openclip_text(prefix: str) -> Recipe:
    """OpenCLIP's text tower; its in_proj holds the rows of query, key and value in this order."""
    return tuple(Rule(re.escape(prefix) + pattern, *rest) for pattern, *rest in OPENCLIP_RULES)


OPENCLIP_TEXT = openclip_text("cond_stage_model.model.")

# What may stand in a checkpoint or be missing, and is not needed: the schedule is computed, the running
# averages repeat the weights, the depth estimator and the low-resolution noise are models of their own.
OPTIONAL = tuple(
    Rule(pattern, "")
    for pattern in (
        r"(?:low_scale_model\.)?(?:betas|(?:log_|sqrt_)?(?:recip_|recipm1_|one_minus_)?alphas_cumprod(?:_prev)?)",
        r"posterior_\w+|logvar|scale_factor|v_pred|ztsnr",
        r"model_ema\..*",
        r"cond_stage_model\..*(?:position_ids|text_projection(?:\.weight)?|logit_scale|attn_mask)",
        r"cond_stage_model\.model\.visual\..*",
        r"depth_model\..*",
        r"(?:first_stage_model\.)?(?:loss|model_ema)\..*",
    )
)


AVERAGES = (Rule(r"model_ema\.diffusion_model.*", ""),)


def with_running_averages(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same checkpoint with the running averages of the UNet, where it has them, as its weights."""
    averaged = dict(tensors)
    for name in tensors:
        if name.startswith("model.diffusion_model."):
            average = "model_ema." + name.removeprefix("model.").replace(".", "")
            averaged[name] = tensors.get(average, tensors[name])
    return averaged


# --- files that hold one network

BARE_UNET = (Rule(r"((?:input_blocks|middle_block|output_blocks|time_embed|label_emb|out)\..*)", r"\1"),)
BARE_VAE = (Rule(VAE_PARTS, r"\1"),)
# transformers writes text_model. before all names up to version 4, and leaves it out from 5 on.
BARE_TEXT = (
    Rule(
        rf"{POSITION_IDS}(?:text_model\.)?((?:embeddings|encoder\.layers|final_layer_norm)\..*)",
        r"text_model.\1",
    ),
)


# --- upscalers

UPSCALER = (Rule(r"((?:body|conv_\w+)\..*)", r"\1"),)
# ESRGAN before BasicSR took its present names, as in many community models.
EARLY_RRDB = (
    Rule(r"(conv_first|conv_last)\.(.*)", r"\1.\2"),
    Rule(r"RRDB_trunk\.(\d+)\.RDB(\d)\.(.*)", r"body.\1.rdb\2.\3"),
    Rule(r"trunk_conv\.(.*)", r"conv_body.\1"),
    Rule(r"upconv(\d)\.(.*)", r"conv_up\1.\2"),
    Rule(r"HRconv\.(.*)", r"conv_hr.\1"),
)


def numbered_rrdb(names: Iterable[str]) -> Recipe:
    """The first ESRGAN layout, one numbered sequence: input, body, the steps up, and two more."""
    found = {int(match[1]) for name in names if (match := re.fullmatch(r"model\.(\d+)\.weight", name))}
    first, *ups, hr, last = sorted(found)
    targets = {first: "conv_first", hr: "conv_hr", last: "conv_last"}
    targets |= {number: f"conv_up{index}" for index, number in enumerate(ups, start=1)}
    return (
        *(Rule(rf"model\.{number}\.(weight|bias)", rf"{target}.\1") for number, target in targets.items()),
        Rule(r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(.*)", r"body.\1.rdb\2.conv\3.\4"),
        Rule(r"model\.1\.sub\.\d+\.(weight|bias)", r"conv_body.\1"),
    )
