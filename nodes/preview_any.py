"""The node that shows any value as text."""

from typing import Annotated, Any

from graph import ANY, Artifact, node


@node(
    id="PreviewAny",
    title="Preview Any",
    category="utils",
    sink=True,
    search=("show text", "inspect", "debug", "shape", "statistics"),
)
def preview_any(source: Annotated[Any, ANY]) -> tuple[Artifact, ...]:
    """Show a value: text and numbers as they are, pictures and models by what they hold."""
    from diffusion.describe import described

    return (Artifact("text", text=described(source)),)
