"""Trials of packs: their nodes run on generated inputs and are held against the rules of nodes."""
