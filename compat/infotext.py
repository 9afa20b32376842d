"""A1111's infotext: the parameters that its pictures carry, read into a workflow."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

PAIR = re.compile(r'\s*(\w[\w \-/]{1,60}):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
NETWORK = re.compile(r"<(lora|lyco|hypernet):([^:<>]+)(?::([^:<>]*))?(?::[^<>]*)?>")
HASHES = re.compile(r"(?:^|,)\s*Hashes:\s*(\{[^{}]*\})")
LISTED_HASH = re.compile(r"\s*([^:,][^:]*):\s*(\w+)\s*(?:,|$)")
ALONE = {"checkpoints": "Model hash", "vae": "VAE hash", "hypernetworks": "Hypernet hash"}
LISTED = {"loras": "Lora hashes", "embeddings": "TI hashes"}
"""By the folder of model files, the setting that tells their hashes."""
LONGEST = 1_000_000
DEFAULTS = {"Clip skip": "1", "RNG": "GPU"}
SAMPLERS = {
    "euler a": "euler_ancestral", "euler": "euler", "lms": "lms", "heun": "heun", "dpm2": "dpm_2",
    "dpm2 a": "dpm_2_ancestral", "dpm++ 2s a": "dpmpp_2s_ancestral", "dpm++ 2m": "dpmpp_2m",
    "dpm++ sde": "dpmpp_sde", "dpm++ 2m sde": "dpmpp_2m_sde", "dpm++ 3m sde": "dpmpp_3m_sde",
    "dpm fast": "dpm_fast", "dpm adaptive": "dpm_adaptive", "ddim": "ddim", "plms": "ipndm",
    "unipc": "uni_pc", "lcm": "lcm",
}  # fmt: skip
SCHEDULES = {
    "uniform": "normal", "karras": "karras", "exponential": "exponential",
    "sgm uniform": "sgm_uniform", "simple": "simple", "normal": "normal", "ddim": "ddim_uniform",
    "beta": "beta",
}  # fmt: skip
SUFFIXES = ("karras", "exponential")
OWN_SCHEDULES = {
    "dpm++ 2m": "karras", "dpm++ sde": "karras", "dpm++ 2s a": "karras", "dpm2": "karras", "dpm2 a": "karras",
    "dpm++ 2m sde": "exponential", "dpm++ 2m sde heun": "exponential", "dpm++ 3m sde": "exponential",
}  # fmt: skip
"""What "Automatic" means to samplers; older texts do not say it, and mean "Uniform"."""


@dataclass(frozen=True, slots=True)
class Network:
    kind: str
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Infotext:
    """A prompt, its opposite, and settings by A1111's names."""

    prompt: str
    negative: str
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def networks(self) -> list[Network]:
        found = NETWORK.findall(self.prompt)
        return [Network(kind, name, _decimal(weight, 1.0)) for kind, name, weight in found]

    @property
    def words(self) -> str:
        """The prompt without the networks that it names."""
        return NETWORK.sub("", self.prompt).strip(" ,\n") if self.networks else self.prompt

    def integer(self, name: str, otherwise: int) -> int:
        return int(self.decimal(name, otherwise))

    def decimal(self, name: str, otherwise: float) -> float:
        return _decimal(self.settings.get(name, ""), otherwise)

    def whole(self, name: str) -> int:
        """A number exactly, since a seed may be larger than a float can count."""
        given = self.settings.get(name, "")
        return int(given) if given.isascii() and given.isdecimal() and len(given) <= 20 else 0

    def hash_of(self, kind: str, name: str) -> str:
        """The hash that is told of a model file, by the folder of its kind; nothing where none is told."""
        if kind in ALONE:
            return self.settings.get(ALONE[kind], "")
        if kind not in LISTED:
            return ""
        told = dict(LISTED_HASH.findall(self.settings.get(LISTED[kind], "")))
        return str(told.get(name, ""))

    @property
    def embeddings(self) -> list[str]:
        """The learned words of which a hash is told."""
        return [name for name, _ in LISTED_HASH.findall(self.settings.get(LISTED["embeddings"], ""))]

    @property
    def seed(self) -> int:
        return self.whole("Seed")

    @property
    def sampler(self) -> tuple[str, str]:
        """ComfyUI's names of the sampler and its schedule."""
        return _sampler(
            self.settings.get("Sampler", "Euler a"), self.settings.get("Schedule type", "Uniform")
        )

    @property
    def hires_sampler(self) -> tuple[str, str]:
        """Those of the second pass, which are the first one's unless it says others."""
        name = self.settings.get("Hires sampler", "Use same sampler")
        schedule = self.settings.get("Hires schedule type", "Use same scheduler")
        if name.startswith("Use same"):
            name = self.settings.get("Sampler", "Euler a")
        if schedule.startswith("Use same"):
            schedule = self.settings.get("Schedule type", "Uniform")
        return _sampler(name, schedule)


def _sampler(name: str, schedule: str) -> tuple[str, str]:
    """Older texts say both in one name."""
    name, schedule = name.lower().strip(), schedule.lower().strip()
    for suffix in SUFFIXES:
        if name.endswith(f" {suffix}"):
            name, schedule = name.removesuffix(f" {suffix}"), suffix
    if schedule == "automatic":
        schedule = OWN_SCHEDULES.get(name, "uniform")
    own = SAMPLERS.get(name, name.replace("++", "pp").replace(" ", "_"))
    return own, SCHEDULES.get(schedule, schedule.replace(" ", "_"))


def _decimal(text: str, otherwise: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return otherwise
    return number if abs(number) < 1e15 else otherwise


def is_infotext(text: str) -> bool:
    return len(text) <= LONGEST and len(PAIR.findall(text.strip().rpartition("\n")[2])) >= 3


def read_infotext(text: str) -> Infotext:
    """Prompt, negative prompt and settings of a text. Never raises."""
    *lines, last = text[:LONGEST].strip().split("\n")
    pairs = PAIR.findall(last)
    if len(pairs) < 3:
        lines, pairs = [*lines, last], []
    prompt: list[str] = []
    negative: list[str] = []
    into = prompt
    for line in lines:
        if line.strip().startswith("Negative prompt:"):
            into, line = negative, line.strip().removeprefix("Negative prompt:")
        into.append(line.strip())
    settings = dict(DEFAULTS)
    for name, value in pairs:
        _set(settings, name, _unquoted(value))
    if pairs and (told := HASHES.search(last)):
        settings = {**_hashes(told[1]), **settings}
    said = "\n".join(prompt)
    if settings.get("Hypernet"):
        said += f"<hypernet:{settings['Hypernet']}:{settings.get('Hypernet strength', '1.0')}>"
    return Infotext(said, "\n".join(negative), settings)


def _hashes(told: str) -> dict[str, str]:
    """The hashes in the object that some programs write beside or in place of the settings: `lora:name`."""
    try:
        said = json.loads(told)
    except (ValueError, RecursionError):
        return {}
    found = {name: value for name, value in said.items() if isinstance(value, str)}
    made = {ALONE["checkpoints"]: found.get("model", ""), ALONE["vae"]: found.get("vae", "")}
    for kind, start in (("loras", "lora:"), ("embeddings", "embed:")):
        each = [
            f"{name.removeprefix(start)}: {value}" for name, value in found.items() if name.startswith(start)
        ]
        made[LISTED[kind]] = ", ".join(each)
    return {name: value for name, value in made.items() if value}


def _set(settings: dict[str, str], name: str, value: str) -> None:
    size = re.fullmatch(r"(\d{1,6})x(\d{1,6})", value)
    if size:
        settings[f"{name}-1"], settings[f"{name}-2"] = size.groups()
    else:
        settings[name] = value


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    try:
        said = json.loads(value)
    except ValueError:
        return value
    return said if isinstance(said, str) else value
