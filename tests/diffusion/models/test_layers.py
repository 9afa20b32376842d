"""Layers that take another way than PyTorch's to the same result."""

import pytest
import torch
import torch.nn.functional as F

from diffusion.models.layers import Conv3x3, Embedding, group_norm


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("height", "width"), [(4, 4), (3, 5), (8, 8), (1, 1), (16, 16)])
@torch.inference_mode()
def test_product_and_convolution_agree(height: int, width: int, stride: int) -> None:
    layer = Conv3x3(1024, 512, stride=stride)
    x = torch.randn(2, 1024, height, width)
    expected = F.conv2d(x, layer.weight, layer.bias, stride=stride, padding=1)
    out = layer(x)
    assert out.is_contiguous()
    torch.testing.assert_close(out, expected, atol=2e-5, rtol=0)


def test_product_trains() -> None:
    layer = Conv3x3(1024, 512)
    x = torch.randn(1, 1024, 2, 2, requires_grad=True)
    layer(x).sum().backward()
    assert x.grad is not None and layer.weight.grad is not None


@pytest.mark.parametrize(("channels", "groups"), [(320, 32), (48, 16), (12, 4), (7, 1)])
def test_groups_divide_every_width(channels: int, groups: int) -> None:
    assert group_norm(channels, eps=1e-5).num_groups == groups


def test_embeddings_are_initialised_only_where_they_have_memory() -> None:
    with torch.device("meta"):
        assert Embedding(10, 4).weight.is_meta
    assert Embedding(1000, 8).weight.std() > 0.5
