"""ComfyUI's protocol: its routes, with and without `/api`, and its websocket messages."""
