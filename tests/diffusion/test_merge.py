"""Arithmetic of models, on numbers computed by hand."""

from dataclasses import replace

import pytest
import torch

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.errors import Unsuitable
from diffusion.features.free_u import FreeU
from diffusion.features.hyper_tile import HyperTile
from diffusion.merge import (
    add,
    blend,
    blend_blocks,
    combine_models,
    combine_text_encoders,
    subtract,
    weighted_sum,
)
from diffusion.models.clip import ClipText
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet, UNetConfig
from diffusion.patches import During
from diffusion.values import Model, TextEncoder
from tests.diffusion.checkpoint import small

NAMES = ("time_embed.0.bias", "input_blocks.1.0.in_layers.2.bias", "middle_block.0.in_layers.2.bias")
NAMES = (*NAMES, "output_blocks.0.0.in_layers.2.bias", "out.2.bias")


def filled(value: float, config: UNetConfig = small.UNET, **fields: object) -> Model:
    """A model all of whose weights are one number."""
    network = UNet(config).eval().requires_grad_(False)
    for parameter in network.parameters():
        parameter.fill_(value)
    return Model(network, name=str(value), digest=f"digest of {value}", **fields)


def clip(value: float, config=small.TEXT) -> TextEncoder:
    network = ClipText(config).eval().requires_grad_(False)
    for parameter in network.parameters():
        parameter.fill_(value)
    return TextEncoder(network, Tokenizer())


def number(network: torch.nn.Module, name: str) -> float:
    """The one number that a weight consists of."""
    (value,) = network.get_parameter(name).unique().tolist()
    return value


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (blend(0.25), 0.25 * 8 + 0.75 * 2),
        (blend(1.0), 8.0),
        (blend(0.0), 2.0),
        (add, 10.0),
        (subtract(1.0), 6.0),
        (subtract(-0.5), -3.0),
    ],
)
def test_every_weight_is_the_weighted_sum(shares, expected):
    """ComfyUI's direction: a ratio of 1 is all of the first."""
    first, second = filled(8.0), filled(2.0)
    merged = combine_models(first, second, shares)
    assert {float(weight) for tensor in merged.network.parameters() for weight in tensor.unique()} == {
        expected
    }
    assert {number(first.network, name) for name in NAMES} == {8.0}
    encoders = combine_text_encoders(clip(8.0), clip(2.0), shares)
    assert number(encoders.network, "text_model.final_layer_norm.bias") == expected


def test_merged_model_is_the_first_in_all_but_its_weights():
    first = filled(8.0, prediction="v")
    merged = combine_models(first, filled(2.0), blend(0.5))
    assert (merged.prediction, merged.name) == ("v", "8.0")
    assert (merged.schedule, merged.family) == (first.schedule, first.family)
    assert merged.digest == "", "no file holds these weights"
    assert not merged.network.training and not any(p.requires_grad for p in merged.network.parameters())


def test_blocks_take_the_ratio_of_the_longest_start_that_fits():
    ratios = {"input": 0.25, "middle": 0.5, "out": 1.0}
    merged = combine_models(filled(8.0), filled(0.0), blend_blocks(ratios)).network
    # `out` is the start of output_blocks and of out; time_embed, which none fits, takes the first ratio.
    assert [number(merged, name) for name in NAMES] == [2.0, 2.0, 4.0, 8.0, 8.0]
    finer = {"time_embed.": 0.0, "input_blocks.1.": 0.5, "input_blocks.1.0.in_layers.": 1.0, "out.": 0.25}
    merged = combine_models(filled(8.0), filled(0.0), blend_blocks(finer)).network
    assert [number(merged, name) for name in NAMES] == [0.0, 8.0, 0.0, 0.0, 2.0]
    assert number(merged, "input_blocks.1.0.out_layers.3.bias") == 4.0


def test_unmerged_tensors_are_shared_and_not_copied():
    first, second = filled(8.0), filled(2.0)
    merged = combine_models(first, second, blend_blocks({"input": 1.0, "middle": 0.0, "out": 0.5})).network
    for name, owner in ((NAMES[1], first), (NAMES[2], second)):
        assert merged.get_parameter(name).data_ptr() == owner.network.get_parameter(name).data_ptr()
    assert merged.get_parameter(NAMES[3]).data_ptr() != first.network.get_parameter(NAMES[3]).data_ptr()


def test_patches_of_both_are_in_the_sum():
    width = small.UNET.model_channels
    parts = {"lora_up.weight": torch.ones(4 * width, 1), "lora_down.weight": torch.ones(1, width)}
    first = filled(8.0).with_patch(WeightPatch("a", {"time_embed.0": parts}, 4.0))
    second = filled(2.0).with_patch(WeightPatch("b", {"time_embed.0": parts}, 1.0))
    merged = combine_models(first, second, blend(0.5))
    assert number(merged.network, "time_embed.0.weight") == 0.5 * (8 + 4) + 0.5 * (2 + 1)
    assert merged.patches == () and number(merged.network, "time_embed.2.weight") == 5.0


def test_what_is_no_weight_stays_with_the_first_and_is_not_summed():
    width = small.UNET.model_channels
    parts = {"lora_up.weight": torch.ones(4 * width, 1), "lora_down.weight": torch.ones(1, width)}
    lora, free_u = WeightPatch("a", {"time_embed.0": parts}, 4.0), FreeU(1.1, 1.2, 0.9, 0.2)
    timed = During(lora, 5.0, 1.0)
    first = filled(8.0).with_patch(free_u).with_patch(lora).with_patch(timed)
    merged = combine_models(first, filled(2.0).with_patch(HyperTile(64, 2, 0, False)), blend(0.5))
    assert merged.patches == (free_u, timed)
    assert number(merged.network, "time_embed.0.weight") == 0.5 * (8 + 4) + 0.5 * 2


def test_added_difference_leaves_the_first_convolution_of_an_inpainting_model():
    """Inpainting + (custom - base): the usual way to make a model for inpainting out of any other."""
    inpainting = filled(1.0, replace(small.UNET, in_channels=9))
    difference = combine_models(filled(8.0), filled(2.0), subtract(1.0))
    merged = combine_models(inpainting, difference, add).network
    assert number(merged, "out.2.bias") == 7.0
    assert number(merged, "input_blocks.0.0.weight") == 1.0
    assert merged.input_blocks[0][0].weight.shape[1] == 9


def test_sums_are_computed_in_float32_and_kept_as_the_first_is():
    first, second = filled(1.0), filled(1.0)
    first = replace(first, network=first.network.bfloat16())
    for parameter in second.network.parameters():
        parameter.fill_(2**-9)
    merged = combine_models(first, second, blend(0.5)).network
    # 0.5 + 2^-10 is beyond what bfloat16 tells from 0.5; in float32 it rounds once, at the end.
    assert merged.out[2].bias.dtype == torch.bfloat16
    assert number(merged, "out.2.bias") == torch.tensor(0.5 + 2**-10).bfloat16().item()


def test_different_architectures_are_refused_with_what_differs():
    with pytest.raises(Unsuitable, match="linear_projections True instead of False") as caught:
        combine_models(filled(1.0), filled(1.0, small.UNET_SD2), add)
    assert caught.value.input == "model2" and "SD1 with SD1" in caught.value.remedy
    with pytest.raises(Unsuitable, match="activation gelu instead of quick_gelu") as caught:
        combine_text_encoders(clip(1.0), clip(1.0, small.TEXT_SD2), add)
    assert caught.value.input == "clip2"


def test_sd2_text_encoders_with_and_without_their_last_layer_go_together():
    whole = replace(small.TEXT_SD2, layers=24, width=8, mlp=8)
    short = replace(whole, layers=23, output_layer=-1)
    merged = combine_text_encoders(clip(8.0, whole), clip(2.0, short), blend(0.5)).network
    last, read = "text_model.encoder.layers.23.mlp.fc1.bias", "text_model.encoder.layers.22.mlp.fc1.bias"
    assert (number(merged, last), number(merged, read)) == (8.0, 5.0)
    merged = combine_text_encoders(clip(8.0, short), clip(2.0, whole), blend(0.5)).network
    assert merged.config == short and number(merged, read) == 5.0


def test_long_weights_are_summed_piece_by_piece_to_the_same_numbers():
    first, second = torch.rand(3, 2**18 + 5), torch.rand(3, 2**18 + 5)
    merged = weighted_sum(first.t(), second.t(), 0.3, 0.7)
    assert torch.equal(merged, 0.3 * first.t() + 0.7 * second.t())
