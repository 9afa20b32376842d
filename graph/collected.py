"""What is known of node types at one moment: they, the types of their wires and what converts those."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from graph.infer import Infer
from graph.migrate import Rename
from graph.nodetype import NodeType
from graph.problems import Problem
from graph.sockets import BUILTIN, Conversion, SocketType


@dataclass(frozen=True, slots=True)
class Contents:
    """What one module or pack declares, and what is wrong with it."""

    types: tuple[NodeType, ...] = ()
    infers: tuple[tuple[str, Infer], ...] = ()
    """What says the facts of node types, each with an id."""
    conversions: tuple[Conversion, ...] = ()
    problems: tuple[Problem, ...] = ()
    renames: tuple[Rename, ...] = ()


def declared_by(values: Iterable[object]) -> Contents:
    """What the marks of our decorators on these functions say; each node type once."""
    types: dict[int, NodeType] = {}
    infers: list[tuple[str, Infer]] = []
    conversions: list[Conversion] = []
    renames: list[Rename] = []
    for value in values:
        declared = getattr(value, "__node_type__", None)
        if isinstance(declared, NodeType):
            types[id(declared)] = declared
        for type_id in getattr(value, "__infers__", ()):
            infers.append((type_id, value))  # type: ignore[arg-type]  # @facts_of marks no other
        made = getattr(value, "__conversion__", None)
        if isinstance(made, Conversion):
            conversions.append(made)
        if isinstance(rename := getattr(value, "__rename__", None), Rename):
            renames.append(rename)
    return Contents(tuple(types.values()), tuple(infers), tuple(conversions), renames=tuple(renames))


class Known:
    """Node types, socket types and conversions that workflows may use, and the Problems of their packs."""

    def __init__(self) -> None:
        self.types: dict[str, NodeType] = {}
        self.origins: dict[str, str] = {}
        self.sockets: dict[str, SocketType] = {each.name: each for each in BUILTIN}
        self.conversions: dict[tuple[str, str], Conversion] = {}
        self.infers: dict[str, Infer] = {}
        self.renames: dict[str, Rename] = {}
        """By every id that a renamed node type has or had; an id of today means what has it today."""
        self.problems: list[Problem] = []

    def copy(self) -> Known:
        made = Known()
        made.types, made.origins, made.sockets = dict(self.types), dict(self.origins), dict(self.sockets)
        made.conversions, made.infers = dict(self.conversions), dict(self.infers)
        made.renames, made.problems = dict(self.renames), list(self.problems)
        return made

    def take(self, contents: Contents, origin: str) -> None:
        """Take in what a module or pack declares."""
        self.problems += contents.problems
        for each in contents.types:
            if self.types.get(each.id) is not each:
                self.add(each, origin)
        for type_id, infer in contents.infers:
            self.infers.setdefault(type_id, infer)
        for made in contents.conversions:
            self.conversions[made.source.name, made.target.name] = made
        for rename in contents.renames:
            for type_id in rename.ids:
                self.renames.setdefault(type_id, rename)
        for type_id in [each for each, rename in self.renames.items() if each != rename.id]:
            if type_id in self.types:
                del self.renames[type_id]

    def add(self, added: NodeType, origin: str) -> None:
        """Take a node type in; a second one of the same id is a Problem, and the first stays."""
        if added.id in self.types:
            first, second = self.origins[added.id] or "the program", origin or "the program"
            message = f"{second} declares the node {added.id!r}, which {first} declared already"
            remedy = "Give one of them another id: @node(id=...)."
            self.problems.append(Problem("duplicate_node_type", message, remedy=remedy))
            return
        self.types[added.id] = added
        if added.infer is not None:
            self.infers[added.id] = added.infer
        self.origins[added.id] = origin
        unions = [given.types for given in added.inputs] + [output.types for output in added.outputs]
        for member in chain.from_iterable(unions):
            self.sockets.setdefault(member.name, member)
