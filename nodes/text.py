"""Nodes that put text together, change it and look into it."""

import re
from typing import Annotated, Literal

from graph import NodeError, Range, Text, node

Lines = Annotated[str, Text(multiline=True)]
Pattern = Annotated[str, Text(multiline=True), "a regular expression"]
IgnoreCase = Annotated[bool, "take A for a"]
Multiline = Annotated[bool, "let ^ and $ match at every line"]
DotAll = Annotated[bool, "let . match line ends, too"]
CATEGORY = "utils/string"


def compiled(pattern: str, case_insensitive: bool, multiline: bool, dotall: bool) -> re.Pattern[str]:
    """A regular expression, or an error that says where it is wrong."""
    flags = {re.IGNORECASE: case_insensitive, re.MULTILINE: multiline, re.DOTALL: dotall}
    try:
        return re.compile(pattern, sum(flag for flag, on in flags.items() if on))
    except re.error as error:
        message = f"{pattern!r} is no regular expression: {error}"
        remedy = "Write \\ before signs that are meant literally, such as ( or *."
        raise NodeError(message, code="bad_pattern", input="regex_pattern", remedy=remedy) from error


@node(id="StringConcatenate", title="Concatenate", category=CATEGORY, search=("join", "append", "text"))
def string_concatenate(
    string_a: Lines, string_b: Lines, delimiter: Annotated[str, "stands between"] = ""
) -> str:
    """Join two texts."""
    return f"{string_a}{delimiter}{string_b}"


@node(id="StringReplace", title="Replace", category=CATEGORY, search=("text", "substitute"))
def string_replace(string: Lines, find: Lines, replace: Lines) -> str:
    """Put one text everywhere in place of another."""
    return string.replace(find, replace)


@node(id="StringTrim", title="Trim", category=CATEGORY, search=("text", "strip", "spaces"))
def string_trim(string: Lines, mode: Literal["Both", "Left", "Right"] = "Both") -> str:
    """Take spaces and line ends off the ends of a text."""
    return {"Both": string.strip, "Left": string.lstrip, "Right": string.rstrip}[mode]()


@node(id="StringSubstring", title="Substring", category=CATEGORY, search=("text", "cut", "slice"))
def string_substring(string: Lines, start: int, end: int) -> str:
    """The letters from one place to before another; negative places count from the end."""
    return string[start:end]


@node(id="StringLength", title="Length", category=CATEGORY, outputs=("length",), search=("text", "count"))
def string_length(string: Lines) -> int:
    """How many letters a text has."""
    return len(string)


@node(
    id="CaseConverter",
    title="Case Converter",
    category=CATEGORY,
    search=("text", "upper", "lower", "capital"),
)
def case_converter(
    string: Lines, mode: Literal["UPPERCASE", "lowercase", "Capitalize", "Title Case"] = "UPPERCASE"
) -> str:
    """Write a text in capitals or without."""
    conversions = {
        "UPPERCASE": string.upper,
        "lowercase": string.lower,
        "Capitalize": string.capitalize,
        "Title Case": string.title,
    }
    return conversions[mode]()


@node(
    id="StringContains", title="Contains", category=CATEGORY, outputs=("contains",), search=("text", "find")
)
def string_contains(string: Lines, substring: Lines, case_sensitive: bool = True) -> bool:
    """Whether a text holds another."""
    return substring in string if case_sensitive else substring.lower() in string.lower()


@node(id="StringCompare", title="Compare", category=CATEGORY, search=("text", "equal", "same"))
def string_compare(
    string_a: Lines,
    string_b: Lines,
    mode: Literal["Starts With", "Ends With", "Equal"] = "Starts With",
    case_sensitive: bool = True,
) -> bool:
    """Whether a text begins with, ends with or equals another."""
    a, b = (string_a, string_b) if case_sensitive else (string_a.lower(), string_b.lower())
    return {"Starts With": a.startswith, "Ends With": a.endswith, "Equal": a.__eq__}[mode](b)


@node(
    id="RegexMatch", title="Regex Match", category=CATEGORY, outputs=("matches",), search=("text", "pattern")
)
def regex_match(
    string: Lines,
    regex_pattern: Pattern,
    case_insensitive: IgnoreCase = True,
    multiline: Multiline = False,
    dotall: DotAll = False,
) -> bool:
    """Whether a regular expression matches anywhere in a text."""
    return compiled(regex_pattern, case_insensitive, multiline, dotall).search(string) is not None


@node(id="RegexReplace", title="Regex Replace", category=CATEGORY, search=("text", "pattern", "substitute"))
def regex_replace(
    string: Lines,
    regex_pattern: Pattern,
    replace: Annotated[Lines, r"\1 stands for the first group"],
    case_insensitive: IgnoreCase = True,
    multiline: Multiline = False,
    dotall: DotAll = False,
    count: Annotated[int, Range(0, 100), "how often at most; 0 is everywhere"] = 0,
) -> str:
    """Replace what a regular expression matches."""
    pattern = compiled(regex_pattern, case_insensitive, multiline, dotall)
    try:
        return pattern.sub(replace, string, count=count)
    except (re.error, IndexError) as error:
        message = f"{replace!r} cannot be put in: {error}"
        remedy = "Name groups that the pattern has, such as \\1 for its first ( )."
        raise NodeError(message, code="bad_pattern", input="replace", remedy=remedy) from error


@node(id="RegexExtract", title="Regex Extract", category=CATEGORY, search=("text", "pattern", "find"))
def regex_extract(
    string: Lines,
    regex_pattern: Pattern,
    mode: Literal["First Match", "All Matches", "First Group", "All Groups"] = "First Match",
    case_insensitive: IgnoreCase = True,
    multiline: Multiline = False,
    dotall: DotAll = False,
    group_index: Annotated[int, Range(0, 100), "which ( ) of the pattern; 0 is the whole match"] = 1,
) -> str:
    """What a regular expression matches, one match a line; empty where nothing does."""
    pattern = compiled(regex_pattern, case_insensitive, multiline, dotall)
    group = group_index if mode.endswith(("Group", "Groups")) else 0
    if group > pattern.groups:
        return ""
    found = [match[group] or "" for match in pattern.finditer(string)]
    return "\n".join(found[:1] if mode.startswith("First") else found)
