"""Prompts by two sets of rules, ComfyUI's and A1111's: from text to conditioning.

Parsing and the names of embeddings need no torch: plans ask for them before anything runs.
"""
