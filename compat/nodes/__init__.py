"""Packs that are written for ComfyUI become node types of ours; docs/comfy_nodes.md says how far."""
