"""Node types are what signatures say."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import pytest

from graph import Artifact, Choice, Context, File, Lazy, Range, Seed, SocketType, Text, misuse, node
from graph.nodetype import camel_case, node_type, spaced
from graph.sockets import INT, Input, Output
from graph.widgets import ChoiceWidget, FileWidget, NumberWidget, TextWidget, ToggleWidget
from tests.graph.sample import IMAGE, MASK, Image, Mask


def inputs_of(function: Any) -> dict[str, Input]:
    return dict(node_type(node()(function)).inputs_by_name)


def outputs_of(function: Any, **options: Any) -> tuple[Output, ...]:
    return node_type(node(**options)(function)).outputs


def test_a_plain_function_becomes_a_node_type() -> None:
    @node(category="image/effects", search=("noise",))
    def film_grain(image: Image, amount: Annotated[float, Range(0, 1, 0.01)] = 0.1, seed: Seed = 0) -> Image:
        """Add seeded monochrome grain.

        More words that are no tooltip.
        """
        return image

    assert film_grain("picture") == "picture"  # it stays the function it was
    assert node_type(film_grain).to_json(None) == {
        "id": "FilmGrain",
        "title": "Film Grain",
        "category": "image/effects",
        "help": "Add seeded monochrome grain.",
        "sink": False,
        "lane": "cpu",
        "inputs": [
            {
                **{"name": "image", "type": "IMAGE", "required": True, "lazy": False, "list": False},
                **{"help": "", "widget": None},
            },
            {
                **{"name": "amount", "type": "FLOAT", "required": False, "lazy": False, "list": False},
                "help": "",
                "widget": {
                    **{"kind": "float", "default": 0.1, "min": 0, "max": 1, "step": 0.01, "slider": False}
                },
            },
            {
                **{"name": "seed", "type": "INT", "required": False, "lazy": False, "list": False},
                **{"help": "", "widget": {"kind": "seed", "default": 0, "min": 0, "max": 2**64 - 1}},
            },
        ],
        "outputs": [{"name": "IMAGE", "type": "IMAGE", "list": False}],
        "search": ["noise"],
    }


def test_every_widget_annotation_makes_its_widget(tmp_path: Path) -> None:
    def many(
        whole: int,
        ranged: Annotated[int, Range(1, 10)],
        real: float,
        text: str,
        prompt: Annotated[str, Text(multiline=True, placeholder="a prompt")],
        toggle: bool,
        mode: Literal["fast", "fine"],
        named: Annotated[str, Choice(("x", "y"))],
        seed: Seed,
        other_seed: Annotated[int, Seed(max=9)],
        lora: Annotated[Path, File("loras")],
        picture: Annotated[Path, File("input", upload=True, extensions=(".png",))],
    ) -> Image:
        return None

    widgets = {name: given.widget for name, given in inputs_of(many).items()}
    assert widgets == {
        "whole": NumberWidget("int", -(2**63), 2**64 - 1),
        "ranged": NumberWidget("int", 1, 10),
        "real": NumberWidget("float"),
        "text": TextWidget(),
        "prompt": TextWidget(True, "a prompt"),
        "toggle": ToggleWidget(),
        "mode": ChoiceWidget(("fast", "fine")),
        "named": ChoiceWidget(("x", "y")),
        "seed": NumberWidget("seed", 0, 2**64 - 1),
        "other_seed": NumberWidget("seed", 0, 9),
        "lora": FileWidget("loras"),
        "picture": FileWidget("input", True, (".png",)),
    }


def test_every_socket_annotation_makes_its_socket() -> None:
    def many(
        image: Image,
        helped: Annotated[Image, "what it is for"],
        anything: Any,
        mask: Mask | None = None,
        images: list[Image] | None = None,
        later: Lazy[Mask] | None = None,
        either: Image | Mask | None = None,
        maybe: Annotated[int, Range(0, 5)] | None = None,
    ) -> Image:
        return image

    found = {
        name: (each.type_name, each.required, each.optional, each.list, each.lazy, each.help)
        for name, each in inputs_of(many).items()
    }
    assert found == {
        "image": ("IMAGE", True, False, False, False, ""),
        "helped": ("IMAGE", True, False, False, False, "what it is for"),
        "anything": ("ANY", True, False, False, False, ""),
        "mask": ("MASK", False, True, False, False, ""),
        "images": ("IMAGE", False, True, True, False, ""),
        "later": ("MASK", False, True, False, True, ""),
        "either": ("IMAGE|MASK", False, True, False, False, ""),
        "maybe": ("INT", False, True, False, False, ""),
    }


def test_a_parameter_annotated_context_is_no_socket() -> None:
    def made(context: Context, image: Image) -> Image:
        return image

    declared = node_type(node()(made))
    assert (declared.context, [each.name for each in declared.inputs]) == ("context", ["image"])


class Both(NamedTuple):
    picture: Image
    selection: Mask


def test_every_return_annotation_makes_its_outputs() -> None:
    def one() -> Image: ...
    def several() -> tuple[Image, Mask, Image]: ...
    def named() -> Both: ...  # type: ignore[empty-body]
    def many() -> list[Image]: ...  # type: ignore[empty-body]
    def streamed() -> Iterator[Image]:
        yield 1

    async def awaited() -> Image: ...
    async def async_streamed() -> AsyncIterator[tuple[Image, int]]:
        yield 1, 2

    image = Output("IMAGE", (IMAGE,))
    assert outputs_of(one) == (image,)
    assert outputs_of(several) == (image, Output("MASK", (MASK,)), Output("IMAGE_2", (IMAGE,)))
    assert outputs_of(named) == (Output("picture", (IMAGE,)), Output("selection", (MASK,)))
    assert outputs_of(many) == (Output("IMAGE", (IMAGE,), list=True),)
    assert outputs_of(streamed) == (image,)
    assert outputs_of(awaited) == (image,)
    assert outputs_of(async_streamed) == (image, Output("INT", (INT,)))
    assert outputs_of(several, outputs=("a", "b", "c"))[2] == Output("c", (IMAGE,))


def test_a_sink_of_artifacts_has_no_outputs() -> None:
    @node(sink=True)
    def as_tuple(image: Image) -> tuple[Artifact, ...]: ...  # type: ignore[empty-body]
    @node(sink=True)
    def as_list(image: Image) -> list[Artifact]: ...  # type: ignore[empty-body]

    for function in (as_tuple, as_list):
        assert (node_type(function).outputs, node_type(function).artifacts) == ((), True)


def test_async_functions_run_in_the_async_lane() -> None:
    async def awaited() -> int: ...  # type: ignore[empty-body]

    assert node_type(node()(awaited)).lane == "async"
    with pytest.raises(misuse.UnknownLane, match="leave lane out"):
        node(lane="gpu")(awaited)


def test_names_are_made_of_names() -> None:
    assert camel_case("film_grain") == "FilmGrain"
    assert spaced("VAEDecodeTiled") == "VAE Decode Tiled"
    assert spaced("KSampler") == "KSampler"


def no_annotation(image) -> Image: ...  # type: ignore[no-untyped-def]
def strange_annotation(image: dict[str, int]) -> Image: ...
def bare_object(image: object) -> Image: ...
def unresolved(image: "Elsewhere") -> Image: ...  # type: ignore[name-defined]  # noqa: F821
def bare_path(file: Path) -> Image: ...
def mixed_literal(mode: Literal["a", 1]) -> Image: ...
def nested_list(images: list[list[Image]]) -> Image: ...
def unfit_range(text: Annotated[str, Range(0, 1)]) -> Image: ...
def unfit_text(image: Annotated[Image, Text()]) -> Image: ...
def two_hints(number: Annotated[int, Range(0, 1), Seed()]) -> Image: ...
def hint_class(number: Annotated[int, Range]) -> Image: ...
def empty_range(number: Annotated[int, Range(2, 1)] = 1) -> Image: ...
def broken_range(number: Annotated[int, Range(0.5, 1)] = 1) -> Image: ...
def none_default(image: Image = None) -> Image: ...
def socket_default(image: Image = 3) -> Image: ...
def default_outside(number: Annotated[int, Range(0, 1)] = 2) -> Image: ...
def default_no_choice(mode: Literal["a", "b"] = "c") -> Image: ...  # type: ignore[assignment]
def star_arguments(*images: Image) -> Image: ...
def star_keywords(**images: Image) -> Image: ...
def positional(image: Image, /) -> Image: ...
def no_return(image: Image): ...  # type: ignore[no-untyped-def]
def strange_return(image: Image) -> dict[str, int]: ...  # type: ignore[empty-body]
def optional_return(image: Image) -> Image | None: ...
def ellipsis_return(image: Image) -> tuple[Image, ...]: ...  # type: ignore[empty-body]
def returns_nothing(image: Image) -> None: ...
def returns_artifacts(image: Image) -> list[Artifact]: ...  # type: ignore[empty-body]
def yields_unsaid(image: Image) -> Image:  # type: ignore[misc]
    yield image


MISUSES = [
    (no_annotation, misuse.MissingAnnotation, "has no annotation"),
    (strange_annotation, misuse.UnknownAnnotation, "annotate int, float"),
    (bare_object, misuse.UnknownAnnotation, "object is no socket type"),
    (unresolved, misuse.UnresolvedAnnotation, "Elsewhere"),
    (bare_path, misuse.UnknownAnnotation, 'write Annotated\\[Path, File\\("folder"\\)\\]'),
    (mixed_literal, misuse.UnknownAnnotation, "either text or whole numbers"),
    (nested_list, misuse.UnknownAnnotation, "no socket type"),
    (unfit_range, misuse.UnfitHint, "Range fits a plain INT or FLOAT only"),
    (unfit_text, misuse.UnfitHint, "Text fits a plain STRING only"),
    (two_hints, misuse.UnfitHint, "one widget hint"),
    (hint_class, misuse.UnfitHint, "with its arguments"),
    (empty_range, misuse.UnfitHint, "is empty"),
    (broken_range, misuse.UnfitHint, "whole bounds"),
    (none_default, misuse.UnfitDefault, "annotate it `... | None`"),
    (socket_default, misuse.UnfitDefault, "only a widget has a default"),
    (default_outside, misuse.UnfitDefault, "2 is above 1"),
    (default_no_choice, misuse.UnfitDefault, "not one of the choices"),
    (star_arguments, misuse.UnnamedParameter, "by name"),
    (star_keywords, misuse.UnnamedParameter, "by name"),
    (positional, misuse.UnnamedParameter, "by name"),
    (no_return, misuse.MissingReturn, "say what it returns"),
    (strange_return, misuse.UnknownReturn, "no socket type"),
    (optional_return, misuse.UnknownReturn, "neither optional"),
    (ellipsis_return, misuse.UnknownReturn, "no socket type"),
    (returns_nothing, misuse.NothingComesOut, "sink=True"),
    (returns_artifacts, misuse.NothingComesOut, "sink=True"),
    (yields_unsaid, misuse.UnknownReturn, "Iterator"),
]


@pytest.mark.parametrize(
    ("function", "kind", "words"), MISUSES, ids=lambda each: getattr(each, "__name__", "")
)
def test_each_misuse_has_its_own_error_that_says_what_to_write(
    function: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        node()(function)
    assert function.__name__ in str(caught.value)


def test_outputs_must_name_each_output_once() -> None:
    def two() -> tuple[Image, Mask]: ...  # type: ignore[empty-body]

    for outputs in (("a",), ("a", "a")):
        with pytest.raises(misuse.UnfitOutputs):
            node(outputs=outputs)(two)


def test_an_undecorated_function_is_no_node() -> None:
    with pytest.raises(TypeError, match="decorate it"):
        node_type(camel_case)


def test_two_socket_types_of_one_name_are_one_type() -> None:
    assert SocketType("IMAGE", "#000000") == IMAGE


def test_rows_of_inputs_that_grow_are_told_in_the_catalogue() -> None:
    @node(grows=("image",))
    def stack(
        image1: Image, image2: Image | None = None, image10: Image | None = None, imager: int = 0
    ) -> Image:
        return image1

    told: Any = node_type(stack).to_json(None)["inputs"]
    row = {"row": "image", "least": 1}
    assert {each["name"]: each.get("grows") for each in told} == {
        "image1": row,
        "image2": row,
        "image10": row,
        "imager": None,
    }


@pytest.mark.parametrize("row", ["mask", "image1", ""])
def test_a_row_that_grows_has_inputs_of_its_name(row: str) -> None:
    with pytest.raises(misuse.UnknownInput, match=rf"Stack: grows= names rows such as {row}0, {row}1"):

        @node(grows=(row,))
        def stack(image1: Image, image2: Image | None = None, mask1: Mask | None = None) -> Image:
            return image1
