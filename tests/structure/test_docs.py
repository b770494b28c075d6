"""Documents say what is true at this commit: links lead somewhere, files and commands that they name exist.

Why: a newcomer follows them literally, and a wrong path costs more trust than a missing page.
"""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.main import get_command

from deploy.tenfold.cli import app
from tests.documents import READMES, ROOT, blocks, headings, steps, without_blocks

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
FOLDERS = ("services", "shared", "deploy", "tests", "docs", "benchmarks", ".ci")
# Hosts of package registries, and folders of one machine. Split, so that this file does not hold them itself.
FOREIGN = re.compile(
    "|".join(
        [
            "files.python" + r"hosted\.org",
            "(pypi|registry" + r"\.npmjs|repo1\.maven|repo\.maven)\.(org|apache\.org)",
            "proxy" + r"\.golang",
            "index" + "-url *=",
            r"(?<![\w.])/(root|ho" + r"me/\w+|work)/",
        ]
    )
)


def tracked() -> list[Path]:
    """Every text file of the repository, new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def anchor(heading: str) -> str:
    """A heading's anchor, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    """All anchors of a document."""
    return {anchor(found) for found in re.findall(r"^#+ (.+)$", without_blocks(document.read_text()), re.MULTILINE)}


def exists(name: str) -> bool:
    """Whether a path named in a document exists; `*` and `<service>` stand for any."""
    pattern = re.sub(r"<[^>]+>", "*", name.rstrip("/"))
    return bool(list(ROOT.glob(pattern)))


def commands_in(text: str) -> list[str]:
    """What a document tells readers to run: quoted in the text, or in a block."""
    quoted: list[str] = QUOTED.findall(without_blocks(text))
    return [*quoted, *"\n".join(blocks(text, "sh")).splitlines(), *(step.command for step in steps(text))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(without_blocks(document.read_text())):
        if target.startswith(("http://127.0.0.1", "https://")):
            continue
        name, _, place = unquote(target).partition("#")
        linked = (document.parent / name) if name else document
        assert linked.exists(), target
        assert not place or place in anchors(linked), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_a_document_names_exists(document: Path) -> None:
    for name in QUOTED.findall(without_blocks(document.read_text())):
        if "/" in name and " " not in name and name.split("/")[0] in FOLDERS:
            assert exists(name), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    verbs = get_command(app).commands  # type: ignore[attr-defined]
    for command in commands_in(document.read_text()):
        for target in re.findall(r"(?:^|[;|] *)make ([a-z]+)", command):
            assert target in targets, command
        for verb, rest in re.findall(r"(?:^|[;|] *|\$\()tenfold ([a-z]+)([^|)\n]*)", command):
            assert verb in verbs, command
            chosen = verbs[verb]
            for word in rest.split():
                chosen = getattr(chosen, "commands", {}).get(word, chosen)  # a verb of a group, as `kafka provision`
            options = {option for each in chosen.params for option in each.opts}
            assert set(re.findall(r"--[a-z][a-z-]*", rest)) <= options, command


def test_both_readmes_have_the_same_headings_commands_and_answers() -> None:
    english, chinese = ((ROOT / name).read_text() for name in READMES)
    assert headings(english) == headings(chinese)
    assert steps(english) == steps(chinese)
    assert blocks(english, "sh") == blocks(chinese, "sh")
    assert without_blocks(english).count("](docs/") == without_blocks(chinese).count("](docs/")


def test_every_decision_says_what_it_must() -> None:
    """One page each: why, what, what else, what follows, and what holds it."""
    for record in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = record.read_text()
        found = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert found == ["Context", "Decision", "Alternatives", "Consequences", "Enforced by"], record.name
        assert re.match(rf"# {int(record.name[:4])}\. ", text), record.name


def test_no_file_names_a_folder_of_one_machine_or_a_package_registry() -> None:
    """Packages come from wherever the machine is told to get them; a path of ours works nowhere else."""
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found = FOREIGN.search(text)
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_the_pictures_are_of_our_own_and_name_themselves() -> None:
    """An image that loads something, or says nothing to a screen reader, does not belong here."""
    for picture in (ROOT / "docs" / "img").glob("*.svg"):
        text = picture.read_text()
        assert "<title>" in text, picture.name
        assert 'role="img"' in text, picture.name
        assert not re.search(r"(href|src|url)\s*[=(]\s*[\"']?(https?:|data:)", text), picture.name
