"""The nodes of `trivial_nodes.py` as we declare nodes."""

from graph import node


@node(category="benchmark")
def plain_number(value: int = 0) -> int:
    return value


@node(category="benchmark")
def plain_add(a: int, b: int, plus: int = 0) -> int:
    return (3 * a - 2 * b + plus) % (2**53 - 1)


@node(category="benchmark", sink=True)
def plain_show(value: int, plus: int = 0) -> None:
    return None
