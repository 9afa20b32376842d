"""Make compat/data/comfy_nodes.json from a saved ComfyUI /object_info: names, order, types, defaults.

python tools/compact_comfy_nodes.py object_info.json.gz
"""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "compat/data/comfy_nodes.json"
FILE_NAME = re.compile(r"\.[a-z]\w+$")
SEEDS = ("seed", "noise_seed")


def main(source: Path) -> None:
    data = source.read_bytes()
    nodes = json.loads(gzip.decompress(data) if source.suffix == ".gz" else data)
    lines = [f"{json.dumps(name)}: {json.dumps(compact(nodes[name]))}" for name in sorted(nodes)]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def compact(node: dict[str, Any]) -> dict[str, Any]:
    inputs = [
        compact_input(name, spec, optional=section == "optional")
        for section in ("required", "optional")
        for name, spec in node["input"].get(section, {}).items()
    ]
    outputs = [list(pair) for pair in zip(node["output_name"], node["output"], strict=True)]
    return {"title": node["display_name"] or node["name"], "inputs": inputs, "outputs": outputs}


def compact_input(name: str, spec: list[Any], *, optional: bool) -> dict[str, Any]:
    kind, options = spec[0], spec[1] if len(spec) > 1 else {}
    choices = kind if isinstance(kind, list) else options.get("options")
    found: dict[str, Any] = {"name": name, "type": "COMBO" if isinstance(kind, list) else kind}
    if optional:
        found["optional"] = True
    if options.get("forceInput"):
        found["socket"] = True
    if options.get("control_after_generate") or (kind == "INT" and name in SEEDS):
        found["control"] = True
    if options.get("image_upload"):
        found["upload"] = True
    if options.get("multiline"):
        found["multiline"] = True
    if "default" in options:
        found["default"] = options["default"]
    elif choices and not any(FILE_NAME.search(str(choice)) for choice in choices):
        found["default"] = choices[0]
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
