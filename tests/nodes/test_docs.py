"""The documentation of nodes and values is current, and its example runs."""

import dataclasses
import re

from diffusion import values
from nodes import types
from tests.nodes.bench import ROOT
from tools.make_node_docs import page

DATA = (ROOT / "docs/data.md").read_text("utf-8")


def test_page_of_nodes_is_current():
    written = (ROOT / "docs/nodes.md").read_text("utf-8")
    assert written == page(), "run python -m tools.make_node_docs"


def test_every_type_and_field_is_described():
    for name in (name for name, value in vars(types).items() if name.isupper() and value.name):
        assert f"| {name} |" in DATA, name
    for value in (values.Latent, values.Cond):
        for field in dataclasses.fields(value):
            assert f"`{field.name}`" in DATA, field.name


def test_worked_example_runs(monkeypatch, tmp_path, checkpoint):
    (tmp_path / "models/checkpoints").mkdir(parents=True)
    (tmp_path / "models/checkpoints" / checkpoint.name).hardlink_to(checkpoint)
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", DATA, re.DOTALL)
    scope = {}
    exec(compile(example, "docs/data.md", "exec"), scope)
    assert scope["image"].shape == (1, 128, 128, 3)
