"""The text encoders against the original implementations' numbers."""

import pytest
import torch

from diffusion.models.clip import ClipText, ClipTextConfig, pool
from tests.diffusion.golden import Golden, load_formula

TINY = ClipTextConfig(width=32, layers=3, heads=4, mlp=128, vocab=120)


@pytest.fixture(scope="module")
def golden() -> Golden:
    return Golden("tiny_clip_text_l")


@pytest.fixture(scope="module")
def clip(golden: Golden) -> ClipText:
    network = ClipText(TINY).eval()
    network.load_state_dict(
        {name: tensor for name, tensor in golden.weights.items() if "position_ids" not in name}
    )
    return network


@torch.inference_mode()
@pytest.mark.parametrize(
    ("expected", "layer", "normalize"),
    [
        ("last_hidden_state", -1, True),
        ("penultimate_no_ln", -2, False),
        ("penultimate_ln", -2, True),
    ],
)
def test_hidden_states_match_the_original(
    clip: ClipText, golden: Golden, expected: str, layer: int, normalize: bool
) -> None:
    hidden = clip(golden["tokens"], layer=layer, normalize=normalize)
    torch.testing.assert_close(hidden, golden[expected], atol=2e-5, rtol=0)


@torch.inference_mode()
def test_pooled_vector_is_that_of_the_first_end_token(clip: ClipText, golden: Golden) -> None:
    tokens = golden["tokens"]
    torch.testing.assert_close(pool(clip(tokens), tokens), golden["pooled_first_eos"], atol=2e-5, rtol=0)


@torch.inference_mode()
def test_replaced_token_vectors_change_only_what_follows(clip: ClipText, golden: Golden) -> None:
    vectors = clip.embed_tokens(golden["tokens"])
    changed = vectors.clone()
    changed[:, 5] = changed[:, 6].flip(-1)
    before, after = clip.encode(vectors), clip.encode(changed)
    assert torch.equal(before[:, :5], after[:, :5])
    assert (before[:, 5:] != after[:, 5:]).any(dim=-1).all()


def test_unknown_layer_is_named(clip: ClipText, golden: Golden) -> None:
    with pytest.raises(ValueError, match=r"clip\.layer: -4 is not in -3\.\.-1"):
        clip(golden["tokens"], layer=-4)


@pytest.mark.full
@torch.inference_mode()
def test_published_sd1_size_matches_the_original() -> None:
    golden = Golden("full_clip_l14_text")
    with torch.device("meta"):
        network = ClipText(ClipTextConfig())
    load_formula(network)
    rows = golden.config["rows"]
    tokens = golden["tokens"]
    torch.testing.assert_close(network(tokens)[:, rows], golden["last_rows"], atol=1e-4, rtol=0)
    penultimate = network(tokens, layer=-2)[:, rows]
    torch.testing.assert_close(penultimate, golden["penultimate_ln_rows"], atol=1e-4, rtol=0)
