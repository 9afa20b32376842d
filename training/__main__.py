"""Command line of the training package: python -m training SUB-COMMAND."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import torch

from training import commands
from training.adapting import ADAPTERS
from training.dataset import render_data
from training.loop import Plan
from training.presets import PRESETS, Preset

CHECKPOINT = Path("models/checkpoints/tessera-emoji-v1.safetensors")
PREVIEW = Path("models/vae_approx/tessera-emoji-v1.safetensors")
CLASSIFIER = Path("models/classifiers/tessera-emoji-v1.safetensors")


def with_budget(plan: Plan, minutes: float | None) -> Plan:
    """Give a plan another number of minutes."""
    return plan if minutes is None else dataclasses.replace(plan, minutes=minutes)


def main() -> None:
    """Parse the command line and run one sub-command."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands_known = ("data", "vae", "text", "unet", "preview", "classifier", "export", "sheet", *ADAPTERS)
    parser.add_argument("command", choices=commands_known)
    parser.add_argument("--preset", choices=tuple(PRESETS), default="cpu", help="recipe (default: cpu)")
    parser.add_argument("--minutes", type=float, help="time budget instead of the preset's")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (1 beside another training)")
    parser.add_argument("--resume", action="store_true", help="go on from the state in build/training/")
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT, help="file to write or to draw with")
    parser.add_argument("--out", type=Path, default=Path("build/training/sheet.png"), help="picture to write")
    arguments = parser.parse_args()
    preset: Preset = PRESETS[arguments.preset]
    torch.set_num_threads(arguments.threads)
    if arguments.command == "data":
        render_data(preset)
    elif arguments.command == "vae":
        commands.train_vae(preset, with_budget(preset.vae_plan, arguments.minutes), resume=arguments.resume)
    elif arguments.command == "text":
        commands.train_text(preset, preset.text_plan, resume=arguments.resume)
    elif arguments.command == "unet":
        commands.train_unet(preset, with_budget(preset.unet_plan, arguments.minutes), resume=arguments.resume)
    elif arguments.command == "preview":
        commands.train_preview(preset, preset.preview_plan, PREVIEW, resume=arguments.resume)
    elif arguments.command == "classifier":
        plan = with_budget(preset.classifier_plan, arguments.minutes)
        commands.train_classifier(preset, plan, CLASSIFIER, resume=arguments.resume)
    elif arguments.command in ADAPTERS:
        train_adapter, path = ADAPTERS[arguments.command]
        train_adapter(arguments.checkpoint, path, resume=arguments.resume)
    elif arguments.command == "export":
        commands.export(preset, arguments.checkpoint)
    elif arguments.command == "sheet":
        commands.sheet(arguments.checkpoint, arguments.out, cfg=4.0, steps=20, seed=1)


if __name__ == "__main__":
    main()
