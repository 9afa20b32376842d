"""What runs and what is cached, as clients of ComfyUI are told: lazy inputs, changes, constants, lists."""

import pytest

from tests.compat.execution.conftest import Execution, Made, Prompt


def mixed(value: float) -> tuple[Prompt, Made, Made, Made, Made, Made]:
    prompt = Prompt()
    black, white = prompt.node("TrialImage", value=0.0), prompt.node("TrialImage", value=1.0)
    for image in (black, white):
        image.set("width", 16)
        image.set("height", 16)
    mask = prompt.node("TrialMask", value=value, size=16)
    mix = prompt.node("TrialMix", image1=black, image2=white, mask=mask)
    save = prompt.node("SaveImage", images=mix, filename_prefix="mix")
    return prompt, black, white, mask, mix, save


@pytest.mark.parametrize(("value", "first", "second"), [(0.0, 1, 0), (0.5, 1, 1), (1.0, 0, 1)])
async def test_only_the_lazy_inputs_that_are_asked_for_run(
    client: Execution, value: float, first: bool, second: bool
) -> None:
    prompt, black, white, mask, mix, save = mixed(value)
    result = await client.run(prompt)
    assert [result.ran(each) for each in (black, white, mask, mix, save)] == [first, second, 1, 1, 1]
    assert result.pictures(save) == pytest.approx([255 * value], abs=1)


async def test_the_same_prompt_again_runs_nothing_and_names_all_as_cached(client: Execution) -> None:
    prompt, *nodes = mixed(0.5)
    await client.run(prompt)
    again = await client.run(prompt)
    assert again.heard.ran == [] and again.cached == {node.id for node in nodes}


async def test_only_what_depends_on_a_change_runs(client: Execution) -> None:
    prompt, black, white, mask, mix, save = mixed(0.5)
    await client.run(prompt)
    mask.set("value", 0.25)
    again = await client.run(prompt)
    assert again.cached == {black.id, white.id}
    assert again.heard.ran == [mask.id, mix.id, save.id]


async def test_a_name_for_a_node_is_no_change(client: Execution) -> None:
    prompt, *_ = mixed(0.5)
    await client.run(prompt)
    renamed = {f"7:{own}": node for own, node in prompt.nodes.items()}
    for node in renamed.values():
        for name, value in node["inputs"].items():
            if isinstance(value, list):
                node["inputs"][name] = [f"7:{value[0]}", value[1]]
        node["_meta"] = {"title": "another"}
    prompt.nodes = renamed
    again = await client.run(prompt)
    assert again.heard.ran in ([], ["7:5"])  # a sink may write a file of its own


async def test_a_node_that_says_it_has_changed_runs_every_time(client: Execution) -> None:
    prompt = Prompt()
    save = prompt.node("SaveImage", filename_prefix="changes")
    changes = prompt.node("TrialChanges", should_change=False)
    image = prompt.node("TrialImage", value=0.5, width=16, height=16)
    save.set("images", changes)
    changes.set("image", image)
    assert (await client.run(prompt)).ran(changes)
    assert not (await client.run(prompt)).ran(changes)
    changes.set("should_change", True)
    for _ in range(2):
        result = await client.run(prompt)
        assert result.ran(changes) and not result.ran(image)


async def test_only_constants_are_asked_whether_they_have_changed(client: Execution) -> None:
    prompt = Prompt()
    image = prompt.node("TrialImage", value=0.5, width=16, height=16)
    changes = prompt.node("TrialChangesConstants", image=image, value=0.5)
    save = prompt.node("PreviewImage", images=changes)
    result = await client.run(prompt)
    assert result.pictures(save) == pytest.approx([63], abs=1)
    again = await client.run(prompt)
    assert not again.ran(changes) and again.pictures(save) == result.pictures(save)


async def test_two_outputs_of_one_node_show_the_same(client: Execution) -> None:
    prompt = Prompt()
    image = prompt.node("TrialImage", value=0.2, width=16, height=16)
    saves = [prompt.node("SaveImage", images=image, filename_prefix=name) for name in ("one", "two")]
    result = await client.run(prompt)
    assert result.pictures(saves[0]) == result.pictures(saves[1]) == [51.0]


async def test_inputs_that_nobody_declared_arrive(client: Execution) -> None:
    prompt = Prompt()
    images = [prompt.node("TrialImage", value=value, width=16, height=16) for value in (0, 1, 0, 1)]
    inputs = {f"input{place}": image for place, image in enumerate(images, 1)}
    save = prompt.node("SaveImage", images=prompt.node("TrialAverage", **inputs), filename_prefix="mean")
    assert (await client.run(prompt)).pictures(save) == pytest.approx([127], abs=1)


async def test_an_output_node_gives_a_result_as_well(client: Execution) -> None:
    prompt = Prompt()
    first = prompt.node("TrialOutput", value="x")
    second = prompt.node("TrialOutput", value=first)
    result = await client.run(prompt)
    assert result.shown(first) == {"text": ["x"], "count": [0]}
    assert result.shown(second) == {"text": ["<x>"], "count": [0]}
    again = await client.run(prompt)
    assert again.heard.ran == [] and again.entry["outputs"] == result.entry["outputs"]
    assert [each["node"] for each in again.heard.of("executed")] == [first.id, second.id]


async def test_lists_are_mapped_zipped_and_gathered(client: Execution) -> None:
    prompt = Prompt()
    values = prompt.node("TrialValues", values="1 2 3")
    others = prompt.node("TrialValues", values="7 8")
    pairs = prompt.node("TrialPair", a=values, b=others)
    joined = prompt.node("TrialJoin", values=pairs, between=", ")
    single = prompt.node("TrialJoin", values=values.out(1), between=" ")
    result = await client.run(prompt)
    assert result.shown(joined) == {"text": ["1.0+7.0, 2.0+8.0, 3.0+8.0"]}
    assert result.shown(single) == {"text": ["3"]}


async def test_lists_through_lazy_inputs(client: Execution) -> None:
    prompt = Prompt()
    values = prompt.node("TrialValues", values="0.0 0.5 1.0")
    mask = prompt.node("TrialMask", value=values, size=16)
    black = prompt.node("TrialImage", value=0.0, width=16, height=16)
    white = prompt.node("TrialImage", value=1.0, width=16, height=16)
    mix = prompt.node("TrialMix", mask=mask, image1=black, image2=white)
    save = prompt.node("SaveImage", images=mix, filename_prefix="lists")
    result = await client.run(prompt)
    assert result.pictures(save) == pytest.approx([0, 127, 255], abs=1)
