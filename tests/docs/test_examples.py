# SPDX-License-Identifier: Apache-2.0
"""Every example in the documentation is run as it stands: ``$`` lines by a shell, Python as it is.

A block that cannot run here is preceded by ``<!-- not run: reason -->``. All blocks of a page run in order,
in one folder that holds ``demo-ru.toml`` and the voice ``voices/demo-ru``. A block of Python or TOML that
begins with a comment of nothing but a file's path, as in ``# robot/pyproject.toml``, is that file.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
BLOCK = re.compile(
    r"(<!-- not run: (?P<reason>[^>]+) -->\n+)?^```(?P<lang>\w+)\n(?P<code>.*?)^```$", re.M | re.S
)

FILE = re.compile(r"# (?P<path>[\w./-]+\.(py|toml))\n")

pytestmark = pytest.mark.long(100)


def blocks(page: Path) -> list[tuple[str, str]]:
    found = []
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        code = match["code"]
        language = "file" if FILE.match(code) else match["lang"]
        if language in ("console", "python", "file") and not match["reason"]:
            found.append((language, code))
    return found


@pytest.fixture(scope="session")
def folder(demo_voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("docs")
    (place / "voices").mkdir()
    (place / "voices" / "demo-ru").symlink_to(demo_voice)
    recipe = (ROOT / "corpora" / "recipes" / "demo-ru.toml").read_text()
    (place / "demo-ru.toml").write_text(recipe)
    (place / "corpora" / "recipes").mkdir(parents=True)
    (place / "corpora" / "recipes" / "demo-ru.toml").write_text(recipe)
    return place


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda p: p.name)
def test_the_examples_of(page: Path, folder: Path, tmp_path: Path) -> None:
    for item in folder.iterdir():
        (tmp_path / item.name).symlink_to(item) if item.is_file() else _copy_links(item, tmp_path / item.name)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SYNTHKIT_SOURCE": str(ROOT),
        "COLUMNS": "100",
        "PIP_NO_BUILD_ISOLATION": "0",
        # means: no isolation. hatchling is here, and fetching it anew takes long
    }
    script = ["set -e"]  # no pipefail: `… | head -1` ends its writer by SIGPIPE
    for number, (language, code) in enumerate(blocks(page)):
        if language == "file":
            named = FILE.match(code)
            assert named is not None
            file = tmp_path / named["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(code, encoding="utf-8")
        elif language == "python":
            (tmp_path / f"block{number}.py").write_text(code, encoding="utf-8")
            script.append(f"python block{number}.py")
        else:
            script += [line[2:] for line in code.splitlines() if line.startswith("$ ")]
    # `! command` must fail; bash's own `!` would hide that from `set -e`.
    lines = [
        f"if {x[2:]}; then echo 'should have failed: {x[2:20]}'; exit 1; fi" if x.startswith("! ") else x
        for x in script
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{page.name}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def _copy_links(source: Path, target: Path) -> None:
    target.mkdir()
    for item in source.iterdir():
        (target / item.name).symlink_to(item)


def test_the_pages_the_index_names_exist() -> None:
    text = (ROOT / "docs" / "index.md").read_text()
    for name in re.findall(r"\]\(([\w/-]+\.md)\)", text):
        assert (ROOT / "docs" / name).exists(), name
