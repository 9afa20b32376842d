"""Misuse of @node: one exception type for each way, each saying what to write instead."""


class NodeDefinitionError(TypeError):
    """A function that cannot become a node type."""


class UnresolvedAnnotation(NodeDefinitionError):
    """An annotation names something that does not exist where the function is defined."""


class MissingAnnotation(NodeDefinitionError):
    """A parameter has no annotation."""


class UnknownAnnotation(NodeDefinitionError):
    """An annotation that is neither a socket nor a widget."""


class UnfitHint(NodeDefinitionError):
    """A widget hint on a type that it does not fit."""


class UnfitDefault(NodeDefinitionError):
    """A default that the parameter's own annotation refuses."""


class UnnamedParameter(NodeDefinitionError):
    """*args, **kwargs or a positional-only parameter: sockets go by name."""


class MissingReturn(NodeDefinitionError):
    """The function does not say what it returns."""


class UnknownReturn(NodeDefinitionError):
    """A return annotation that is no socket type."""


class UnfitOutputs(NodeDefinitionError):
    """outputs=... does not match the return annotation."""


class NothingComesOut(NodeDefinitionError):
    """A node without outputs that is no sink could never be asked for."""


class UnknownLane(NodeDefinitionError):
    """A lane that does not exist, or one that the function cannot run in."""


class UnfitRename(NodeDefinitionError):
    """formerly(...) leads to a name that the node does not have, or from one that it has today."""


class UnknownInput(NodeDefinitionError):
    """mutates=... names something that is no parameter of the function, or is no tuple of names."""
