"""JSON values that were right once: parts replaced, taken away, doubled or exchanged, at random places."""

import copy
import random
from typing import Any

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**70, 1e308, "", "x", "@", "@in", "@out", "a/b", "\udcff", "\0", "é" * 300,
    [], {}, [[]], ["x", 0], ["x", "y"], ["x", "y", "z"], {"sweep": [1, 2]}, {"sweep": []},
    {"sweep": [1], "axis": 5}, {"__value__": [1]}, {"id": "x"}, [None, None],
)  # fmt: skip


def mutated(value: Any, rolls: random.Random) -> Any:
    """A copy with one to four changes."""
    made = [copy.deepcopy(value)]  # in a list, so that the whole can be replaced, too
    for _ in range(rolls.randint(1, 4)):
        holders = list(_holders(made))
        holder, name = rolls.choice(holders)
        match rolls.randrange(5):
            case 0 if holder is not made:
                del holder[name]
            case 1 if isinstance(holder, list) and holder is not made:
                holder.insert(name, copy.deepcopy(holder[name]))
            case 2:
                other, place = rolls.choice(holders)
                holder[name] = copy.deepcopy(other[place])
            case 3 if isinstance(holder, dict):
                holder[rolls.choice(("id", "type", "x", "", "nodes", "kind"))] = rolls.choice(JUNK)
            case _:
                holder[name] = copy.deepcopy(rolls.choice(JUNK))
    return made[0]


def _holders(value: Any) -> Any:
    """Every place in a value: what holds it, and under which name or number."""
    waiting = [value]
    for holder in waiting:  # grows while it is walked
        for name in list(holder) if isinstance(holder, dict) else range(len(holder)):
            yield holder, name
            if isinstance(holder[name], dict | list):
                waiting.append(holder[name])
