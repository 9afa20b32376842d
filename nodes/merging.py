"""Nodes that compute with the weights of models: blends, sums and differences."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from graph import Range, node
from graph.keys import code_digest
from graph.nodetype import NodeType
from graph.sockets import FLOAT, Input, Output
from graph.widgets import NumberWidget
from nodes.errors import reported
from nodes.types import MODEL, Clip, Model

CATEGORY = "advanced/model_merging"
RATIO_HELP = "1 is all of the first, 0 all of the second"
Ratio = Annotated[float, Range(0, 1, 0.01), RATIO_HELP]
Multiplier = Annotated[float, Range(-10, 10, 0.01), "how often the difference is taken"]

BLOCKS = (
    *("time_embed.", "label_emb."),
    *(f"input_blocks.{number}." for number in range(12)),
    *(f"middle_block.{number}." for number in range(3)),
    *(f"output_blocks.{number}." for number in range(12)),
    "out.",
)
"""The parts of a UNet of SD1 or SD2, as the names of its weights begin."""


@node(id="ModelMergeSimple", title="ModelMergeSimple", category=CATEGORY, lane="gpu", search=("blend", "mix"))
def model_merge_simple(model1: Model, model2: Model, ratio: Ratio = 1.0) -> Model:
    """Blend two models: ratio times the first, the rest of the second."""
    from diffusion.merge import blend, combine_models

    with reported():
        return combine_models(model1, model2, blend(ratio))


@node(id="ModelMergeBlocks", title="ModelMergeBlocks", category=CATEGORY, lane="gpu", search=("blend", "mix"))
def model_merge_blocks(
    model1: Model, model2: Model, input: Ratio = 1.0, middle: Ratio = 1.0, out: Ratio = 1.0
) -> Model:
    """Blend two models with a ratio for each part of the UNet; input also sets the time embedding."""
    from diffusion.merge import blend_blocks, combine_models

    with reported():
        shares = blend_blocks({"input": input, "middle": middle, "out": out})
        return combine_models(model1, model2, shares)


@node(id="ModelMergeAdd", title="ModelMergeAdd", category=CATEGORY, lane="gpu", search=("sum", "difference"))
def model_merge_add(model1: Model, model2: Model) -> Model:
    """Add the weights of two models: to a model, usually, what ModelMergeSubtract made."""
    from diffusion.merge import add, combine_models

    with reported():
        return combine_models(model1, model2, add)


@node(
    id="ModelMergeSubtract", title="ModelMergeSubtract", category=CATEGORY, lane="gpu", search=("difference",)
)
def model_merge_subtract(model1: Model, model2: Model, multiplier: Multiplier = 1.0) -> Model:
    """Subtract the second model from the first: what training changed, to be added to another."""
    from diffusion.merge import combine_models, subtract

    with reported():
        return combine_models(model1, model2, subtract(multiplier))


@node(id="CLIPMergeSimple", title="CLIPMergeSimple", category=CATEGORY, lane="gpu", search=("blend", "mix"))
def clip_merge_simple(clip1: Clip, clip2: Clip, ratio: Ratio = 1.0) -> Clip:
    """Blend two text encoders: ratio times the first, the rest of the second."""
    from diffusion.merge import blend, combine_text_encoders

    with reported():
        return combine_text_encoders(clip1, clip2, blend(ratio))


@node(id="CLIPMergeAdd", title="CLIPMergeAdd", category=CATEGORY, lane="gpu", search=("sum", "difference"))
def clip_merge_add(clip1: Clip, clip2: Clip) -> Clip:
    """Add the weights of two text encoders."""
    from diffusion.merge import add, combine_text_encoders

    with reported():
        return combine_text_encoders(clip1, clip2, add)


@node(
    id="CLIPMergeSubtract", title="CLIPMergeSubtract", category=CATEGORY, lane="gpu", search=("difference",)
)
def clip_merge_subtract(clip1: Clip, clip2: Clip, multiplier: Multiplier = 1.0) -> Clip:
    """Subtract the second text encoder from the first."""
    from diffusion.merge import combine_text_encoders, subtract

    with reported():
        return combine_text_encoders(clip1, clip2, subtract(multiplier))


def merge_by_block(type_id: str, blocks: Sequence[str]) -> Callable[..., Any]:
    """A node with a ratio for each block: its inputs have names that no Python parameter can have."""

    def merge(model1: Any, model2: Any, **ratios: float) -> Any:
        from diffusion.merge import blend_blocks, combine_models

        with reported():
            return combine_models(model1, model2, blend_blocks({name: ratios[name] for name in blocks}))

    merge.__node_type__ = block_node(type_id, merge, blocks)  # type: ignore[attr-defined]  # for the registry
    return merge


def block_node(type_id: str, merge: Callable[..., Any], blocks: Sequence[str]) -> NodeType:
    """What `@node` would make of a function that had the blocks as parameters."""
    return NodeType(
        id=type_id,
        run=merge,
        inputs=(Input("model1", (MODEL,)), Input("model2", (MODEL,)), *map(ratio_input, blocks)),
        outputs=(Output("MODEL", (MODEL,)),),
        title=type_id,
        category=f"{CATEGORY}/model_specific",
        help="Blend two models with a ratio for each block of the UNet.",
        lane="gpu",
        code=code_digest(merge),
        search=("blend", "mix"),
    )


def ratio_input(name: str) -> Input:
    """An input for the ratio of a block."""
    widget = NumberWidget("float", 0, 1, 0.01)
    return Input(name, (FLOAT,), required=False, default=1.0, widget=widget, help=RATIO_HELP)


model_merge_sd1 = merge_by_block("ModelMergeSD1", BLOCKS)
model_merge_sd2 = merge_by_block("ModelMergeSD2", BLOCKS)
