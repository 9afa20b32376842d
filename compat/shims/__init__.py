"""ComfyUI's modules as packs see them: small, and true where they speak; `compat.nodes.importing` gives them.

What is not here is not there: a pack that needs it is refused when it is loaded, with the names.
"""
