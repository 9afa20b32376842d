"""Prompts and learned words: read as ComfyUI and A1111 read them, encoded as transformers encodes them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from diffusion.adapters.embeddings import finder, read_embedding
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt import a1111, comfy
from diffusion.prompt.composition import terms
from diffusion.prompt.encode import encode_prompt, encode_scheduled
from diffusion.prompt.schedule import schedule
from diffusion.values import TextEncoder
from tests.diffusion.adapters.test_embeddings import SAVED
from tests.diffusion.golden import DATA
from tests.diffusion.test_prompt_comfy import EMBEDDED, find, framed

COMFY, A1111 = "ComfyUI (golden)", "A1111's web UI (golden)"
ENCODED = "transformers CLIPTextModel, rules by hand"
WIDTH, LAYERS, VOCABULARY, END = 32, 3, 49408, 49407
GOLDEN = {
    name: json.loads((DATA / f"golden/{name}_prompts.json").read_text("utf-8")) for name in ("comfy", "a1111")
}
Rows = Sequence[dict[str, Any]]


def text_pair() -> tuple[nn.Module, TextEncoder]:
    """The same small text encoder as transformers' network and as our value."""
    from transformers import CLIPTextConfig, CLIPTextModel

    shape = {
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "intermediate_size": 48,
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = CLIPTextModel(CLIPTextConfig(vocab_size=VOCABULARY, hidden_act="quick_gelu", **shape)).eval()
        for name, parameter in theirs.named_parameters():
            nn.init.normal_(parameter, mean=float("norm" in name and name.endswith("weight")), std=0.2)
    ours = ClipText(ClipTextConfig(width=WIDTH, layers=LAYERS, heads=4, mlp=48)).eval().requires_grad_(False)
    ours.load_state_dict({f"text_model.{name}": tensor for name, tensor in theirs.state_dict().items()})
    return theirs, TextEncoder(ours, Tokenizer())


@torch.inference_mode()
def states(theirs: nn.Module, ids: Sequence[int], layer: int = -1) -> Tensor:
    """A window [77, D] as transformers encodes it, at a layer and then normed."""
    window = torch.tensor([[*ids, *[END] * (77 - len(ids))]])
    hidden = theirs(window, output_hidden_states=True).hidden_states[layer]
    return theirs.final_layer_norm(hidden)[0]


def prompts(_: Run) -> Iterator[Measured]:
    """Both programs' rules: how texts are read, and the vectors that they become."""
    yield differing("ComfyUI's syntax", COMFY, read_as_comfy())
    yield differing("A1111's syntax, schedules, AND and chunks", A1111, read_as_a1111())
    theirs, encoder = text_pair()
    rows = GOLDEN["comfy"]["rows"]
    pairs = [(encode_prompt(encoder, row["text"])[0], weighted_as_comfy(theirs, row)) for row in rows]
    yield Measured(f"{len(rows)} prompts encoded by ComfyUI's rules", ENCODED, farthest(pairs), 2e-5)
    rows = GOLDEN["a1111"]["chunks_comma_backtrack_20"]
    # Without schedules, so that a prompt has one entry.
    pairs = [
        (encode_scheduled(encoder, row["text"], steps=1)[0].tensor[0], weighted_as_a1111(theirs, row))
        for row in rows
    ]
    yield Measured(f"{len(rows)} prompts encoded by A1111's rules", ENCODED, farthest(pairs), 2e-5)
    ids = [Tokenizer.begin, *encoder.tokenizer.encode("a cat"), END]
    pairs = [
        (encoder.with_layer(layer).encode("a cat")[0].tensor[0], states(theirs, ids, layer))
        for layer in range(-LAYERS, 0)
    ]
    yield Measured("CLIPSetLastLayer, every layer", "transformers CLIPTextModel", farthest(pairs), 2e-5)


def differing(what: str, reference: str, same: Iterator[bool]) -> Measured:
    """How many of some comparisons fail."""
    found = list(same)
    return Measured(f"{what}: of {len(found)} that differ", reference, found.count(False), 0)


def read_as_comfy() -> Iterator[bool]:
    tokenizer = Tokenizer()
    for row in GOLDEN["comfy"]["rows"]:
        read = [[text, weight] for text, weight in comfy.parse(row["text"])]
        windows = [framed(tokenizer, window) for window in comfy.windows(tokenizer, row["text"])]
        yield read == row["segments"] and windows == row["batches"]
    for row in EMBEDDED:
        if "nope" not in row["text"]:  # a missing name, which is a Problem here and dropped there
            (window,) = comfy.windows(tokenizer, row["text"], find)
            places = framed(tokenizer, window)
            yield places + [[END, 1.0]] * (12 - len(places)) == row["first_window"]


def read_as_a1111() -> Iterator[bool]:
    golden, tokenizer = GOLDEN["a1111"], Tokenizer()
    for row in golden["attention"]:
        parsed = a1111.parse(row["text"])
        right = [text for text, _ in parsed] == [text for text, _ in row["parsed"]]
        weights = zip(parsed, row["parsed"], strict=False)
        yield right and all(abs(ours - theirs) <= 1e-12 * abs(theirs) for (_, ours), (_, theirs) in weights)
    for row in golden["schedules_10_steps"]:
        yield [list(entry) for entry in schedule(row["text"], 10)] == row["schedule"]
    for row in golden["AND"]:
        yield [list(term) for term in terms(row["text"])] == row["parts"]
    for row in golden["chunks_comma_backtrack_20"]:
        chunks = a1111.chunks(tokenizer, row["text"])
        ids = [[tokenizer.begin, *(token.id for token in chunk), tokenizer.end] for chunk in chunks]
        yield ids == [chunk["tokens_trailing_49407_trimmed_to_one"] for chunk in row["chunks"]]


def weighted_as_comfy(theirs: nn.Module, row: dict[str, Any]) -> Tensor:
    """z_empty + w (z - z_empty) at every place, of the windows that ComfyUI makes; [77 windows, D]."""
    empty, windows = states(theirs, [Tokenizer.begin, END]), []
    weighed = any(weight != 1 for window in row["batches"] for _, weight in window)
    for window in row["batches"]:
        weights = torch.ones(77, 1)
        weights[: len(window), 0] = torch.tensor([weight for _, weight in window])
        seen = states(theirs, [token for token, _ in window])
        windows.append(empty + weights * (seen - empty) if weighed else seen)
    return torch.cat(windows)


def weighted_as_a1111(theirs: nn.Module, row: dict[str, Any]) -> Tensor:
    """z m, then all of a window times mean before / mean after, of the chunks that A1111 makes."""
    windows = []
    for chunk in row["chunks"]:
        weights = torch.ones(77, 1)
        for place, weight in chunk["multipliers_not_1"]:
            weights[int(place)] = weight
        seen = states(theirs, chunk["tokens_trailing_49407_trimmed_to_one"])
        windows.append(seen * weights * (seen.mean() / (seen * weights).mean()))
    return torch.cat(windows)


@torch.inference_mode()
def learned_words(run: Run) -> Iterator[Measured]:
    """Vectors in the place of words, against a vocabulary that has them."""
    theirs, encoder = text_pair()
    vectors = torch.randn(3, WIDTH, generator=torch.Generator().manual_seed(2))
    save_file({"emb_params": vectors}, run.path("embeddings/my.safetensors"))
    found = finder(lambda: ["my.safetensors"], run.path("embeddings/x").parent.joinpath, WIDTH)
    ours = encode_prompt(encoder, "a embedding:my cat", found)[0]
    theirs.resize_token_embeddings(VOCABULARY + len(vectors))
    theirs.get_input_embeddings().weight[VOCABULARY:] = vectors
    (a,), (cat,) = encoder.tokenizer.encode("a"), encoder.tokenizer.encode("cat")
    ids = [Tokenizer.begin, a, *range(VOCABULARY, VOCABULARY + len(vectors)), cat, END]
    error = apart(ours, states(theirs, ids))
    yield Measured(
        "prompt with a word of three vectors", "transformers CLIPTextModel, larger vocabulary", error, 2e-5
    )
    inversions = a1111.Inversions(encoder.tokenizer, ["my.safetensors"], lambda file: vectors)
    (cond,) = encode_scheduled(encoder, "a my cat", steps=1, inversions=inversions)
    error = apart(cond.tensor[0], states(theirs, ids))
    yield Measured("the same by A1111's rules", "transformers CLIPTextModel, larger vocabulary", error, 2e-5)


def embedding_files(run: Run) -> Iterator[Layout]:
    """Learned words of every program, of SD1's and of SD2's width."""
    vectors = torch.arange(48.0).reshape(3, 16)
    layouts = {"a1111.pt": "A1111 .pt", "parameter.pt": "A1111 .pt, a Parameter"}
    layouts |= {"original.pt": "original .pt", "diffusers.bin": "diffusers .bin"}
    for name, what in layouts.items():
        path = run.path(f"embedding_files/{name}")
        torch.save(SAVED[name](vectors), path)
        yield loads(what, lambda path=path: torch.equal(read_embedding(path, 16), vectors))
    for number, (key, what) in enumerate(
        {"emb_params": ".safetensors, A1111", "<my>": ".safetensors, diffusers"}.items()
    ):
        path = run.path(f"embedding_files/{number}.safetensors")
        save_file({key: vectors.half()}, path)
        yield loads(what, lambda path=path: torch.equal(read_embedding(path, 16), vectors))
    path = run.path("embedding_files/xl.safetensors")
    save_file({"clip_l": torch.ones(2, 768), "clip_g": torch.zeros(2, 1280)}, path)
    yield loads(
        "SDXL's, its part for SD1", lambda: torch.equal(read_embedding(path, 768), torch.ones(2, 768))
    )
