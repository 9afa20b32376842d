"""The version of ComfyUI whose packs this is written for."""

__version__ = "0.3.64"
