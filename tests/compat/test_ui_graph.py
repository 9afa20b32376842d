"""What exists in ComfyUI's interface only, in small graphs made by hand."""

from typing import Any

from compat.export import write_api_prompt
from compat.object_info import known_nodes
from compat.ui_graph import read_ui_graph

INFO = known_nodes()


def node(own: int, kind: str, inputs: list[Any], outputs: list[str], values: Any = (), **more: Any) -> Any:
    """Inputs as (name, type, link), a third of None being open."""
    return {
        "id": own, "type": kind, "pos": [own * 300, 0], "size": {"0": 200, "1": 100}, "mode": 0,
        "inputs": [dict(zip(("name", "type", "link"), given, strict=True)) for given in inputs],
        "outputs": [{"name": name, "type": name} for name in outputs],
        "widgets_values": list(values), **more,
    }  # fmt: skip


LOADER = node(1, "LoadImage", [], ["IMAGE", "MASK"], ["a.png", "image"])


def save(own: int, link: int) -> Any:
    return node(own, "SaveImage", [("images", "IMAGE", link)], [], ["x"])


def prompt_of(graph: Any) -> Any:
    document = read_ui_graph(graph, INFO).document
    return {own: made["inputs"] for own, made in write_api_prompt(document, INFO).items()}


def test_reroutes_and_named_links_become_plain_links() -> None:
    nodes = [
        LOADER,
        node(2, "Reroute", [("", "*", 1)], ["*"]),
        node(3, "SetNode", [("IMAGE", "IMAGE", 2)], ["*"], ["pic"]),
        node(4, "GetNode", [], ["IMAGE"], ["pic"]),
        save(5, 3),
    ]
    links = [[1, 1, 0, 2, 0, "*"], [2, 2, 0, 3, 0, "IMAGE"], [3, 4, 0, 5, 0, "IMAGE"]]
    prompt = prompt_of({"nodes": nodes, "links": links})
    assert prompt == {"1": {"image": "a.png"}, "5": {"filename_prefix": "x", "images": ["1", 0]}}


def test_a_primitive_stays_a_node_and_its_value_is_written_into_a_prompt() -> None:
    widget = {"name": "width", "type": "INT", "link": 1, "widget": {"name": "width"}}
    latent = {**node(2, "EmptyLatentImage", [], ["LATENT"], [512, 256, 1]), "inputs": [widget]}
    primitive = node(1, "PrimitiveNode", [], ["INT"], [640, "fixed"])
    graph = {"nodes": [primitive, latent], "links": [[1, 1, 0, 2, 0, "INT"]]}
    document: Any = read_ui_graph(graph, INFO).document
    assert document["nodes"][0]["type"] == "PrimitiveInt"
    assert document["links"] == [{"from": ["1", "INT"], "to": ["2", "width"]}]
    assert prompt_of(graph) == {"2": {"width": 640, "height": 256, "batch_size": 1}}


def test_a_bypassed_node_passes_on_and_a_muted_one_takes_its_link_away() -> None:
    for mode, images in ((4, {"images": ["1", 0]}), (2, {})):
        turn = node(2, "ImageInvert", [("image", "IMAGE", 1)], ["IMAGE"], mode=mode)
        links = [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]]
        prompt = prompt_of({"nodes": [LOADER, turn, save(3, 2)], "links": links})
        assert prompt == {"1": {"image": "a.png"}, "3": {"filename_prefix": "x", **images}}


def test_a_node_that_nobody_knows_keeps_its_values_and_links() -> None:
    strange = node(2, "Strange", [("picture", "IMAGE", 1)], ["IMAGE", "IMAGE"], [3, "b"])
    links = [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 1, 3, 0, "IMAGE"]]
    graph = {"nodes": [LOADER, strange, save(3, 2)], "links": links}
    document: Any = read_ui_graph(graph, INFO).document
    assert document["links"][1] == {"from": ["2", "IMAGE_2"], "to": ["3", "images"]}
    assert prompt_of(graph)["2"] == {"widget_0": 3, "widget_1": "b", "picture": ["1", 0]}
    assert prompt_of(graph)["3"]["images"] == ["2", 1]
