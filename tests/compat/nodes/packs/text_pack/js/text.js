// a script for ComfyUI's interface
