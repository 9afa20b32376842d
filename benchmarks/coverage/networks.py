"""The networks of SD1 and SD2 against the numbers of their original implementations."""

from collections.abc import Iterator, Mapping

import torch

from benchmarks.coverage.row import Measured, Run, apart, farthest
from diffusion.checkpoint import keymaps
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.unet import UNet, timestep_embedding
from tests.diffusion.golden import Golden, formula_input, formula_weights, load_formula, manifest
from tests.diffusion.models.test_clip import TINY as TINY_TEXT
from tests.diffusion.models.test_tokenizer import ROWS, SD1_ROWS
from tests.diffusion.models.test_unet import SD1, SD2, TINY, X4

LDM, OPENCLIP = "CompVis and Stability LDM (golden)", "open_clip (golden)"
TRANSFORMERS_4 = "transformers 4.30 (golden)"
TINY_ERROR, FULL_ERROR = 2e-5, 1e-4
OPENCLIP_H = ClipTextConfig(width=1024, layers=24, heads=16, mlp=4096, activation="gelu", output_layer=-2)
PUBLISHED = {"sd1": (SD1, "full_unet1"), "sd2": (SD2, "full_unet2"), "x4": (X4, "full_unetx4")}


@torch.inference_mode()
def tiny_unet(name: str) -> Measured:
    """A narrow UNet at two sizes, under the original's weights."""
    golden, network = Golden(f"tiny_unet_{name}"), UNet(TINY[name]).eval()
    network.load_state_dict(golden.weights)
    y = golden["y"] if name == "x4" else None
    one = network(golden["x"], golden["t"], golden["context"], y=y)
    other = network(golden["x2"], golden["t2"], golden["context"][:1], y=None if y is None else y[:1])
    error = farthest([(one, golden["out"]), (other, golden["out2"])])
    return Measured("UNet, narrow", LDM, error, TINY_ERROR)


@torch.inference_mode()
def published_unet(name: str) -> Measured:
    """The UNet of published size, its weights computed from their names."""
    config, golden = PUBLISHED[name]
    with torch.device("meta"):
        network = UNet(config)
    load_formula(network)
    out = network(
        formula_input("x", (1, config.in_channels, 8, 8)),
        torch.tensor([601]),
        formula_input("context", (1, 77, config.context_dim)),
        y=torch.tensor([20]) if config.classes else None,
    )
    return Measured("UNet of published size", LDM, apart(out, Golden(golden)["out"]), FULL_ERROR)


def sd1(run: Run) -> Iterator[Measured]:
    """All of SD1 but its autoencoder, which has a row of its own."""
    yield tiny_unet("sd1")
    yield from embedded_steps()
    yield clip_text(Golden("tiny_clip_text_l"))
    yield tokens("token ids, SD1", "sd1_77", SD1_ROWS, Tokenizer(), "transformers 4.30 with ftfy (golden)")
    if not run.quick:
        yield published_clip_text()
        yield published_unet("sd1")


def sd2(run: Run) -> Iterator[Measured]:
    """All of SD2 but its autoencoder."""
    yield tiny_unet("sd2")
    yield openclip_text(Golden("tiny_openclip_text"))
    yield tokens("token ids, SD2", "openclip_77", ROWS, Tokenizer(pad=0), OPENCLIP)
    yield half_precision_scores()
    if not run.quick:
        yield published_openclip_text()
        yield published_unet("sd2")


def embedded_steps() -> Iterator[Measured]:
    golden = Golden("schedules")
    pairs = [
        (timestep_embedding(golden["temb_t"], dim), golden[name])
        for dim, name in ((320, "temb_320"), (256, "temb_256"), (33, "temb_33_odd"))
    ]
    # One ulp of exp, which differs between CPUs, is 3e-5 in the angle at timestep 999.
    yield Measured("timestep embedding", LDM, farthest(pairs), 4e-5)


@torch.inference_mode()
def clip_text(golden: Golden) -> Measured:
    network = ClipText(TINY_TEXT).eval()
    stored = {name: tensor for name, tensor in golden.weights.items() if "position_ids" not in name}
    network.load_state_dict(stored)
    outputs = (
        ("last_hidden_state", -1, True),
        ("penultimate_no_ln", -2, False),
        ("penultimate_ln", -2, True),
    )
    pairs = [
        (network(golden["tokens"], layer=layer, normalize=norm), golden[name])
        for name, layer, norm in outputs
    ]
    return Measured("text encoder, narrow", TRANSFORMERS_4, farthest(pairs), TINY_ERROR)


@torch.inference_mode()
def openclip_text(golden: Golden) -> Measured:
    network = ClipText(
        ClipTextConfig(**(vars(TINY_TEXT) | {"activation": "gelu", "output_layer": -2}))
    ).eval()
    network.load_state_dict(keymaps.apply(keymaps.openclip_text(""), golden.weights))
    tokens = golden["tokens"]
    pairs = [(network(tokens), golden["penultimate_ln"]), (network(tokens, layer=-1), golden["last_ln"])]
    return Measured("text encoder, narrow", OPENCLIP, farthest(pairs), TINY_ERROR)


@torch.inference_mode()
def published_clip_text() -> Measured:
    golden = Golden("full_clip_l14_text")
    with torch.device("meta"):
        network = ClipText(ClipTextConfig())
    load_formula(network)
    rows, tokens = golden.config["rows"], golden["tokens"]
    pairs = [
        (network(tokens)[:, rows], golden["last_rows"]),
        (network(tokens, layer=-2)[:, rows], golden["penultimate_ln_rows"]),
    ]
    return Measured("text encoder of published size", TRANSFORMERS_4, farthest(pairs), FULL_ERROR)


@torch.inference_mode()
def published_openclip_text() -> Measured:
    golden = Golden("full_openclip_h14_text")
    weights = formula_weights(manifest("openclip-vit-h14-text"))
    with torch.device("meta"):
        network = ClipText(OPENCLIP_H).eval()
    network.load_state_dict(keymaps.apply(keymaps.openclip_text(""), weights), assign=True)
    hidden = network(golden["tokens"])[:, golden.config["rows"]]
    error = apart(hidden, golden["penultimate_ln_rows"])
    return Measured("text encoder of published size", OPENCLIP, error, FULL_ERROR)


def tokens(
    what: str, key: str, rows: list[Mapping[str, object]], tokenizer: Tokenizer, reference: str
) -> Measured:
    """How many of the prompts become other ids."""
    wrong = sum(tokenizer.window(tokenizer.encode(row["text"])) != row[key] for row in rows)
    return Measured(f"{what}: prompts of {len(rows)} that differ", reference, wrong, 0)


@torch.inference_mode()
def half_precision_scores() -> Measured:
    """Attention scores beyond what 16 bits hold: the products of SD2's queries and keys reach 10^5."""
    from diffusion.models.layers import attention

    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(1, 64, 128, generator=generator) for _ in range(3))
    q, k = 60 * q, 60 * k
    halves = [each.half() for each in (q, k, v)]
    scores = torch.einsum("bnhd,bmhd->bhnm", *(each.float().reshape(1, 64, 2, 64) for each in halves[:2]))
    assert scores.abs().max() > torch.finfo(torch.float16).max, "or nothing is shown"
    exact = (scores * 64**-0.5).softmax(-1) @ halves[2].float().reshape(1, 64, 2, 64).transpose(1, 2)
    ours = attention(*halves, heads=2).float().reshape(1, 64, 2, 64).transpose(1, 2)
    return Measured(
        "attention in fp16 with scores beyond its range", "float32 products", apart(ours, exact), 5e-3
    )
