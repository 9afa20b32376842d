"""What fails, before and while it runs, and that the server goes on: types, codes and what is told."""

import pytest

from tests.compat.execution.conftest import Execution, Prompt


def image(prompt: Prompt, value: float = 0.5, size: int = 16):
    return prompt.node("TrialImage", value=value, width=size, height=size)


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("value", "ValueError", "'x' is not to my taste"),
        ("zero", "ZeroDivisionError", "division or modulo by zero"),
        ("deep", "RecursionError", "maximum recursion depth exceeded"),
        ("memory", "MemoryError", ""),
    ],
)
async def test_an_exception_is_told_with_its_type_its_node_and_its_trace(
    client: Execution, kind: str, name: str, message: str
) -> None:
    prompt = Prompt()
    before = prompt.node("TrialOutput", value="before")
    fails = prompt.node("TrialFail", value="x", kind=kind)
    prompt.node("TrialOutput", value=fails)
    result = await client.run(prompt)
    error = result.error
    assert (error["node_id"], error["node_type"], error["exception_type"]) == (fails.id, "TrialFail", name)
    assert message in error["exception_message"] and error["prompt_id"] == result.id
    assert kind == "memory" or any("in run" in line for line in error["traceback"])
    assert error["current_inputs"] == {"value": ["x"], "kind": [kind]}
    assert result.entry["status"]["status_str"] == "error"
    prompt.nodes = {before.id: prompt.nodes[before.id]}
    assert (await client.run(prompt)).entry["status"]["completed"]


async def test_values_that_do_not_go_together_fail_where_they_meet(client: Execution) -> None:
    prompt = Prompt()
    mask = prompt.node("TrialMask", value=0.5, size=16)
    mix = prompt.node("TrialMix", image1=image(prompt, 0.1), image2=image(prompt, 1.0, 8), mask=mask)
    prompt.node("SaveImage", images=mix, filename_prefix="x")
    error = (await client.run(prompt)).error
    assert error["node_id"] == mix.id and "do not mix" in error["exception_message"]


async def test_of_two_outputs_the_one_without_a_node_is_dropped(client: Execution) -> None:
    prompt = Prompt()
    gone = image(prompt, 0.3)
    save = prompt.node("SaveImage", images=gone, filename_prefix="gone")
    kept = prompt.node("SaveImage", images=image(prompt, 0.4), filename_prefix="kept")
    node = prompt.nodes.pop(gone.id)
    sent = await client.comfy.queue(prompt.nodes)
    assert list(sent["node_errors"]) == [save.id]
    await client.comfy.until(0)
    assert list((await client.comfy.history(sent["prompt_id"]))["outputs"]) == [kept.id]
    prompt.nodes[gone.id] = node
    assert (await client.run(prompt)).shown(save)


async def test_a_ring_in_the_prompt_is_refused(client: Execution) -> None:
    prompt = Prompt()
    mask = prompt.node("TrialMask", value=0.5, size=16)
    one = prompt.node("TrialMix", image1=image(prompt), mask=mask)
    two = prompt.node("TrialMix", image1=one, image2=image(prompt), mask=mask)
    one.set("image2", two)
    prompt.node("SaveImage", images=two, filename_prefix="ring")
    told = await client.refused(prompt)
    assert (told["error"]["type"], told["node_errors"]) == ("prompt_outputs_failed_validation", {})


CHECKS = [
    ({"number": 3.0}, None),
    ({"number": 11.0}, None),  # above its maximum, which its own check lets pass
    ({"number": 2.0}, "custom_validation_failed"),
    ({"number": 4.0}, "custom_validation_failed"),  # the check itself breaks
    ({"number": 3.0, "other": 9.0}, "value_bigger_than_max"),
    ({"number": 3.0, "other": "many"}, "invalid_input_type"),
    ({"number": 3.0, "other": ["1"]}, "bad_linked_input"),
    ({"number": 3.0, "other": ["77", 0]}, "exception_during_inner_validation"),
    ({"number": 3.0, "other": [1, 0]}, "bad_linked_input"),
]


@pytest.mark.parametrize(("inputs", "kind"), CHECKS)
async def test_literals_and_own_checks(
    client: Execution, inputs: dict[str, object], kind: str | None
) -> None:
    prompt = Prompt()
    checked = prompt.node("TrialChecked", **{"other": 1.0, **inputs})
    show = prompt.node("TrialOutput", value=checked)
    if kind is None:
        assert (await client.run(prompt)).shown(show)["text"] == [str(inputs["number"])]
        return
    told = await client.refused(prompt)
    assert told["error"]["type"] == "prompt_outputs_failed_validation"
    assert [each["type"] for each in told["node_errors"][checked.id]["errors"]] == [kind]
    assert told["node_errors"][checked.id]["dependent_outputs"] == [show.id]


async def test_a_linked_value_is_not_known_to_a_check(client: Execution) -> None:
    prompt = Prompt()
    even = prompt.node("TrialAsyncChecked", value=2.0, most=5.0)
    show = prompt.node("TrialOutput", value=prompt.node("TrialChecked", number=even, other=1.0))
    assert (await client.run(prompt)).shown(show)["text"] == ["2.0"]


async def test_a_pack_that_checks_types_is_asked_instead(client: Execution) -> None:
    prompt = Prompt()
    number, text = (
        prompt.node("TrialAsyncChecked", value=2.0, most=5.0),
        prompt.node("TrialFile", name="b.txt"),
    )
    typed = prompt.node("TrialTyped", a=text, b=text)
    show = prompt.node("TrialOutput", value=typed)
    assert (await client.run(prompt)).shown(show)["text"] == ["b.txt b.txt"]
    typed.set("b", number)
    (error,) = (await client.refused(prompt))["node_errors"][typed.id]["errors"]
    assert error["type"] == "custom_validation_failed" and "not of one type" in error["details"]
    typed.set("a", image(prompt))
    (error,) = (await client.refused(prompt))["node_errors"][typed.id]["errors"]
    assert "Invalid types: ('IMAGE', 'FLOAT')" in error["details"]


async def test_checks_that_take_all_inputs_replace_lists_of_choices(client: Execution) -> None:
    prompt = Prompt()
    file = prompt.node("TrialFile", name="new.txt")
    show = prompt.node("TrialOutput", value=file)
    assert (await client.run(prompt)).shown(show)["text"] == ["new.txt"]
    file.set("name", "new.png")
    (error,) = (await client.refused(prompt))["node_errors"][file.id]["errors"]
    assert (error["type"], error["details"].endswith("no text")) == ("custom_validation_failed", True)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (5.0, 3.0, None),
        (5, 3.0, "Invalid type of a: int"),
        ("foo", 3.0, "Invalid type of a: str"),
        (1.0, 7.0, "7s are not allowed"),
        ("image", 3.0, None),
        ("image", 7.0, "7s are not allowed"),
    ],
)
async def test_literals_for_sockets_are_checked_as_they_were_sent(
    client: Execution, a: object, b: object, said: str | None
) -> None:
    prompt = Prompt()
    union = prompt.node("TrialUnion", a=image(prompt) if a == "image" else a, b=b)
    show = prompt.node("TrialOutput", value=union)
    if said is None:
        (text,) = (await client.run(prompt)).shown(show)["text"]
        assert text.endswith(f" {b}") and (a == "image" or text == f"{a} {b}")
        return
    (error,) = (await client.refused(prompt))["node_errors"][union.id]["errors"]
    assert (error["type"], error["details"]) == ("custom_validation_failed", said)


async def test_a_link_of_another_type_is_refused_as_there_also_a_whole_number_for_a_number(
    client: Execution,
) -> None:
    prompt = Prompt()
    values = prompt.node("TrialValues", values="1 2")
    union = prompt.node("TrialUnion", a=values.out(0), b=2.0)
    show = prompt.node("TrialJoin", values=union, between=" ")
    assert (await client.run(prompt)).shown(show)["text"] == ["1.0 2.0 2.0 2.0"]
    union.set("a", values.out(1))
    (error,) = (await client.refused(prompt))["node_errors"][union.id]["errors"]
    assert error["type"] == "return_type_mismatch"
    assert error["details"] == "a, received_type(INT) mismatch input_type(IMAGE,FLOAT)"


async def test_checks_may_be_coroutines(client: Execution) -> None:
    prompt = Prompt()
    checked = prompt.node("TrialAsyncChecked", value=7.0, most=5.0)
    prompt.node("TrialOutput", value=checked)
    (error,) = (await client.refused(prompt))["node_errors"][checked.id]["errors"]
    assert error["type"] == "custom_validation_failed"
    assert error["details"].endswith("Value 7.0 is greater than 5.0")


async def test_targets_of_a_part_of_the_prompt(client: Execution) -> None:
    prompt = Prompt()
    inside = prompt.node("TrialImage", "12:3", value=0.1, width=16, height=16)
    one = prompt.node("SaveImage", "12:4", images=inside, filename_prefix="one")
    two = prompt.node("SaveImage", images=image(prompt), filename_prefix="two")
    part = await client.run(prompt, partial_execution_targets=[one.id])
    assert part.heard.ran == ["12:3", "12:4"] and list(part.entry["outputs"]) == ["12:4"]
    assert part.entry["prompt"][4] == ["12:4"] and part.entry["meta"]["12:4"]["display_node"] == "12:4"
    both = await client.run(prompt, partial_execution_targets=[one.id, two.id])
    assert set(both.entry["outputs"]) == {one.id, two.id} and not both.ran(inside)
    for targets in ([], ["77"], [inside.id]):
        told = await client.refused(prompt, partial_execution_targets=targets)
        assert told["error"]["type"] == "prompt_no_outputs"


async def test_an_invalid_node_outside_of_the_part_does_not_matter(client: Execution) -> None:
    prompt = Prompt()
    good = prompt.node("SaveImage", images=image(prompt), filename_prefix="good")
    prompt.node("SaveImage", filename_prefix="bad")
    result = await client.run(prompt, partial_execution_targets=[good.id])
    assert list(result.entry["outputs"]) == [good.id]
