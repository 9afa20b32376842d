"""DPT against MiDaS's numbers and against transformers' implementation."""

import re

import pytest
import torch
from torch import Tensor, nn

from diffusion.models.dpt import DPT_HYBRID, DPT_LARGE, Dpt, DptConfig, StemConfig
from diffusion.models.resnetv2 import pad_same
from tests.diffusion.golden import Golden, formula_input, load_formula, manifest

TINY = DptConfig(
    width=32, layers=8, heads=2, mlp=48, grid=4, stem=None, features=(8, 12, 16, 20), fused=16, head=(8, 32)
)
TINY_HYBRID = DptConfig(
    width=32,
    layers=4,
    heads=2,
    mlp=48,
    grid=4,
    stem=StemConfig(8, (16, 24, 32), (1, 2, 1)),
    features=(16, 24, 16, 20),
    fused=16,
    head=(8, 4),
)
UNUSED = re.compile(r"pretrained\.model\.(?:norm|head)\.(?:weight|bias)")


@pytest.mark.parametrize(
    ("name", "config"), [("midas-dpt-hybrid", DPT_HYBRID), ("midas-dpt-large", DPT_LARGE)]
)
def test_names_and_shapes_are_the_published_ones(name: str, config: DptConfig) -> None:
    with torch.device("meta"):
        network = Dpt(config)
    used = {key: shape for key, shape in manifest(name).items() if not UNUSED.fullmatch(key)}
    assert {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()} == used


@pytest.mark.full
@torch.inference_mode()
def test_hybrid_of_published_size_matches_the_original() -> None:
    golden = Golden("full_dpt_hybrid")
    with torch.device("meta"):
        network = Dpt(DPT_HYBRID)
    load_formula(network)
    rgb = formula_input("rgb", (1, 3, 64, 96))
    torch.testing.assert_close(network(rgb), golden["out"], atol=1e-4, rtol=0)
    network.scratch.output_conv[4].bias.fill_(5.0)
    torch.testing.assert_close(network(rgb), golden["out_bias5"], atol=1e-4, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize("size", [64, 96])
def test_matches_transformers(size: int) -> None:
    theirs = transformers_dpt(TINY)
    ours = Dpt(TINY).eval()
    ours.load_state_dict(renamed(theirs.state_dict()))
    rgb = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    expected = theirs(rgb).predicted_depth
    assert expected.std() > 1e-3
    torch.testing.assert_close(ours(rgb), expected, atol=1e-5, rtol=1e-5)


def transformers_dpt(config: DptConfig) -> nn.Module:
    """The reference of the same shape, with random weights and a positive last bias."""
    from transformers import DPTConfig, DPTForDepthEstimation

    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = DPTForDepthEstimation(
            DPTConfig(
                hidden_size=config.width,
                num_hidden_layers=config.layers,
                num_attention_heads=config.heads,
                intermediate_size=config.mlp,
                image_size=16 * config.grid,
                backbone_out_indices=list(config.taps),
                neck_hidden_sizes=list(config.features),
                fusion_hidden_size=config.fused,
                layer_norm_eps=1e-6,
                readout_type="project",
                is_hybrid=False,
            )
        ).eval()
        for parameter in made.parameters():
            nn.init.normal_(parameter, std=0.15)
    made.head.head[4].bias.data.fill_(5.0)
    return made


RENAMED = (
    (r"dpt\.embeddings\.cls_token", "pretrained.model.cls_token"),
    (r"dpt\.embeddings\.position_embeddings", "pretrained.model.pos_embed"),
    (r"dpt\.embeddings\.patch_embeddings\.projection", "pretrained.model.patch_embed.proj"),
    (r"dpt\.encoder\.layer", "pretrained.model.blocks"),
    (r"attention\.output\.dense", "attn.proj"),
    (r"intermediate\.dense", "mlp.fc1"),
    (r"output\.dense", "mlp.fc2"),
    (r"layernorm_before", "norm1"),
    (r"layernorm_after", "norm2"),
    (r"neck\.reassemble_stage\.readout_projects\.(\d)\.0", r"pretrained.act_postprocess\1.0.project.0"),
    (r"neck\.reassemble_stage\.layers\.(\d)\.projection", r"pretrained.act_postprocess\1.3"),
    (r"neck\.reassemble_stage\.layers\.(\d)\.resize", r"pretrained.act_postprocess\1.4"),
    (r"neck\.convs\.(\d)", r"scratch.layer\1_rn"),
    (r"neck\.fusion_stage\.layers\.(\d)\.projection", r"scratch.refinenet\1.out_conv"),
    (r"neck\.fusion_stage\.layers\.(\d)\.residual_layer(\d)", r"scratch.refinenet\1.resConfUnit\2"),
    (r"convolution(\d)", r"conv\1"),
    (r"head\.head", "scratch.output_conv"),
)


def renamed(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """transformers' tensors under MiDaS's names: it counts scales from 0, fusions from the coarsest."""
    result = {}
    for name, tensor in tensors.items():
        for pattern, target in RENAMED:
            name = re.sub(pattern, target, name)
        name = re.sub(r"(act_postprocess)(\d)", lambda match: f"{match[1]}{int(match[2]) + 1}", name)
        name = re.sub(r"(layer)(\d)(?=_rn)", lambda match: f"{match[1]}{int(match[2]) + 1}", name)
        name = re.sub(r"(refinenet)(\d)", lambda match: f"{match[1]}{4 - int(match[2])}", name)
        if not name.startswith("dpt.layernorm") and "attention.attention" not in name:
            result[name] = tensor
    for block in {name.split(".attention.")[0] for name in tensors if ".attention.attention." in name}:
        target = block.replace("dpt.encoder.layer", "pretrained.model.blocks")
        for kind in ("weight", "bias"):
            parts = [
                tensors[f"{block}.attention.attention.{part}.{kind}"] for part in ("query", "key", "value")
            ]
            result[f"{target}.attn.qkv.{kind}"] = torch.cat(parts)
    return result


@torch.inference_mode()
@pytest.mark.parametrize("config", [TINY, TINY_HYBRID])
@pytest.mark.parametrize("size", [(32, 32), (64, 96), (96, 32)])
def test_depth_has_the_size_of_the_picture(config: DptConfig, size: tuple[int, int]) -> None:
    depth = Dpt(config).eval()(torch.rand(2, 3, *size))
    assert depth.shape == (2, *size) and (depth >= 0).all()


def test_padding_is_tensorflows() -> None:
    x = torch.ones(1, 1, 5, 6)
    assert pad_same(x, 3, 2).shape[-2:] == (7, 7)
    assert pad_same(x, 3, 2)[0, 0].sum(dim=0).tolist() == [5, 5, 5, 5, 5, 5, 0]
    assert pad_same(x, 1, 2).shape == x.shape
