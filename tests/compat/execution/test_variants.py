"""Types of packs that are text with a mind of its own, in a folder with a name of its own."""

from tests.compat.execution.conftest import Execution, Prompt


async def test_variants_take_what_they_have_in_common_and_tell_the_rest(client: Execution) -> None:
    prompt = Prompt()
    values = prompt.node("TrialValues", values="0.5")
    either = prompt.node("TrialAny", value="text", number=values.out(1))
    told = prompt.node("TrialTold", value=either.out(1), id="x")
    shows = [prompt.node("TrialOutput", value=each) for each in (either.out(0), told)]
    result = await client.run(prompt)
    assert [result.shown(show)["text"] for show in shows] == [["text"], ["1"]]
    either.set("number", prompt.node("TrialImage", value=0.5, width=8, height=8))
    (error,) = (await client.refused(prompt))["node_errors"][either.id]["errors"]
    assert error["type"] == "custom_validation_failed"
    assert error["details"].endswith("Invalid type of number: IMAGE (expected INT,FLOAT)")


async def test_a_part_of_one_is_a_part_of_a_hundred(client: Execution) -> None:
    prompt = Prompt()
    told = prompt.node("TrialTold", value=1)
    show = prompt.node("TrialOutput", value=told)
    prompt.nodes[told.id]["inputs"]["id"] = "y"
    result = await client.run(prompt)
    assert result.shown(show)["text"] == ["1"]
    bars = [(each["value"], each["max"]) for each in result.heard.of("progress")]
    assert bars and bars[-1] == (1, 1) and set(bars) <= {(1, 2), (50, 100), (1, 1)}
