"""What tests read in documents: fenced blocks, commands with the answers shown below them, headings."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One command as a reader types it, and the answer shown below it."""

    command: str
    shown: str


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return [body for found, body in FENCE.findall(text) if found == language]


def without_blocks(text: str) -> str:
    """A document without its fenced blocks."""
    return FENCE.sub("", text)


def steps(text: str) -> list[Step]:
    """The commands of all ```console blocks: `$ ` begins one, `> ` goes on with it, the rest is the answer."""
    found: list[tuple[list[str], list[str]]] = []
    for line in "".join(blocks(text, "console")).splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif line.startswith("> "):
            found[-1][0].append(line[2:])
        else:
            found[-1][1].append(line)
    return [Step("\n".join(command), "\n".join(shown).strip()) for command, shown in found]


def headings(text: str) -> list[str]:
    """The levels of a document's headings, in order."""
    return re.findall(r"^(#+) ", without_blocks(text), re.MULTILINE)
