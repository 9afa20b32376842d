"""A pack of our own kind beside the others: `nodes` and `server` are ours here."""

import nodes
import server
from graph import node

assert hasattr(nodes, "__path__") and not hasattr(server, "PromptServer")


@node(category="ours")
def pack_of_ours(value: int = 0) -> int:
    """Nothing but itself."""
    from nodes.types import IMAGE

    assert IMAGE.name == "IMAGE"
    return value
