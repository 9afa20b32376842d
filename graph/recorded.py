"""What a result was made of, as text: so that a miss can be explained, and cut off, after a restart, too."""

from __future__ import annotations

import json

from graph.checked import Checked, StepLink


def as_text(step: Checked) -> str:
    links = [(link.input, link.source, link.output) for link in step.links]
    made_of = [step.key, step.prefix, list(step.values), step.files, links, list(step.above), step.salt]
    return json.dumps(made_of, separators=(",", ":"))


def from_text(node: str, node_type: str, text: str) -> Checked:
    key, prefix, values, files, links, above, salt = json.loads(text)
    return Checked(
        node,
        node_type,
        key=key,
        prefix=prefix,
        values=values,
        files=files,
        links=[StepLink(given, source, output, 0) for given, source, output in links],
        above=above,
        salt=salt,
    )
