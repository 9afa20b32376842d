"""The engine: nodes, workflows, plans, the cache and the executor. This module is the API for nodes."""

from graph.artifacts import Artifact
from graph.axes import Axes, Axis
from graph.batching import batched
from graph.building import Graph
from graph.context import Cancelled, Context, NodeError
from graph.curves import Curve
from graph.gaps import takes_gaps
from graph.infer import Inferred, Seen, facts_of, known
from graph.migrate import formerly
from graph.nodetype import conversion, node
from graph.sockets import ANY, Lazy, SocketType
from graph.widgets import Choice, CurveRange, File, Range, Seed, Text

__all__ = [
    "ANY",
    "Artifact",
    "Axes",
    "Axis",
    "Cancelled",
    "Choice",
    "Context",
    "Curve",
    "CurveRange",
    "File",
    "Graph",
    "Inferred",
    "Lazy",
    "NodeError",
    "Range",
    "Seed",
    "Seen",
    "SocketType",
    "Text",
    "batched",
    "conversion",
    "facts_of",
    "formerly",
    "known",
    "node",
    "takes_gaps",
]
