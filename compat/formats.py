"""The formats that a workflow can be written as, by the names that the command line takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compat.export import View, write_prompt
from compat.infotext_export import write_infotext
from compat.loose import Record
from compat.object_info import ObjectInfo
from compat.ui_export import write_ui_graph
from graph.workflow import read_document

FORMATS: Mapping[str, Callable[[View], Record | str]] = {
    "ui": write_ui_graph,
    "ui-1.0": lambda view: write_ui_graph(view, "1.0"),
    "api": write_prompt,
    "infotext": lambda view: write_infotext(view) or "",
}


def write_as(form: str, document: object, info: ObjectInfo) -> Record | str:
    """A document in a format; what cannot be read of it is left out, and nothing is left of some."""
    workflow, _ = read_document(document)
    return {} if workflow is None else FORMATS[form](View(workflow, info))
