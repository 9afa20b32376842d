"""Nodes that hand pictures to who waits for them, without a file."""

from graph import Artifact, Context, node
from nodes.types import Image


@node(
    id="SaveImageWebsocket",
    title="SaveImageWebsocket",
    category="api/image",
    sink=True,
    pure=False,
    search=("stream", "send", "api"),
)
def save_image_websocket(context: Context, images: Image) -> tuple[Artifact, ...]:
    """Send every picture as a PNG to the client that runs the workflow; nothing is saved."""
    from diffusion.images import encode_png

    for number, picture in enumerate(images, 1):
        context.check_cancelled()
        context.preview(encode_png(picture), "image/png")
        context.progress(number, len(images))
    return ()
