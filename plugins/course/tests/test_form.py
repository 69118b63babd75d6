# SPDX-License-Identifier: Apache-2.0
"""Each chapter has all its parts; terms are explained before they are used; no measured number is typed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from synthkit_course.chapters import Chapter, CourseError, chapters, find
from synthkit_course.exercise import exercises
from synthkit_course.render import TERM, known
from synthkit_course.site import glossary

from synthkit.corpora import open_corpus
from synthkit.plugins import registry

ROOT = Path(__file__).parents[3]
TERMS = glossary(ROOT / "docs" / "glossary.md")
UNITS = r"(?:k?Hz|m?s|µs|dB|%|percent|seconds?|milliseconds?|cents|semitones?|minutes?|hours?|kB|MB)"
MEASURED = re.compile(rf"(?<![\w.])(?!0 )\d[\d.,]*\s?{UNITS}(?![\w])")
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]{1,80}`", re.S)
"""Or code within a line."""
LINES, COLUMNS = 28, 88
CHANGES = ("cepstra", "formants", "semitones", "noise", "f0", "phase")
COMMON = {
    "adapter", "unit", "frame", "speaker", "contract", "demand",
}  # fmt: skip
"""Words that the glossary has and that are also said in their common sense."""


def cells(chapter: Chapter, kind: str) -> list[str]:
    return [cell.source for cell in chapter.notebook().cells if cell.cell_type == kind]


def prose(chapter: Chapter) -> str:
    """All that a reader reads, without title, formulas and code; what `note` writes as the code has it."""
    parts = []
    for cell in chapter.notebook().cells:
        if cell.cell_type == "markdown":
            parts.append(re.sub(r"^# .+$", "", cell.source, flags=re.M))
        else:
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "note":
                    texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
                    parts.append("".join(t for t in texts if isinstance(t, str)))
    text = "\n\n".join(parts).partition("\n## Sources")[0]
    text = FORMULA.sub(" ", text)
    return re.sub(r"\]\([^)]*\)", "]", text)


def test_a_chapter_has_all_its_parts(chapter: Chapter) -> None:
    text, code = "\n".join(cells(chapter, "markdown")), "\n".join(cells(chapter, "code"))
    heads = re.findall(r"^## (.+)$", text, re.M)
    assert heads[0] == "Listen first"
    assert heads[-3:] == ["What to remember", "Exercises", "Sources"]
    assert "$$" in text, "no formula"
    assert "cells.start()" in code
    calls = [getattr(n.func, "id", "") for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call)]
    assert calls.count("listen") >= 1 and calls.count("explore") >= 2 and calls.count("note") >= 3
    labs = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.keyword) and n.arg == "lab"]
    assert len(labs) >= 2, "two figures with sliders are also links to the lab"
    assert [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Assert)], "nothing is compared"
    assert f"cells.tasks({chapter.number})" in code
    sources = text.partition("\n## Sources")[2]
    assert len(re.findall(r"^\d\. .+\b(1[89]|20)\d\d", sources, re.M | re.S)) >= 1
    assert len(re.findall(r"^\d\. ", sources, re.M)) >= 3
    assert len(exercises(chapter.number)) == 3


OPENED = {
    "": {"voice", "text", "vocoder", "speed", "panel"},
    "edit/": {"voice", "text"},
    "bench/": {"corpus", "id", "voice", "text", "vocoder", "features", "a", "b", *CHANGES},
    "labels/": {"corpus", "id"},
    "training/": set(),
}
"""What a panel of the lab can open with."""


def test_links_to_the_lab_name_what_there_is(chapter: Chapter) -> None:
    code = ast.parse("\n".join(cells(chapter, "code")))
    for node in (n.value for n in ast.walk(code) if isinstance(n, ast.keyword) and n.arg == "lab"):
        panel, told, *rest = ast.literal_eval(node)
        asked = rest[0] if rest else {}
        assert told and set(asked) <= OPENED[panel], asked
        if "id" in asked:
            assert asked["id"] in {u.id for u in open_corpus(asked["corpus"]).utterances}
        assert asked.get("voice", "demo-ru") in ("demo-ru", "demo-en", "demo-ru-parametric")
        assert asked.get("vocoder", "world") in {c.name for c in registry().of_stage("vocoder")}
        assert {asked.get("a", "yin"), asked.get("b", "yin")} <= {"yin", "dio", "harvest", "praat"}


def test_listening_comes_before_explaining(chapter: Chapter) -> None:
    sections = re.split(r"^# ## ", chapter.text(), flags=re.M)
    assert sections[1].startswith("Listen first") and "listen(" in sections[1]
    assert "$$" not in sections[1]


def test_code_fits_on_a_screen(chapter: Chapter) -> None:
    for cell in chapter.notebook().cells:
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            hidden = "hide" in cell.metadata.get("tags", ())
            assert len(lines) <= LINES * (1 + hidden), f"{len(lines)} lines: {lines[0]}"
            shown = [line for line in lines if not line.lstrip().startswith(('"', 'f"'))]  # prose may be long
            assert hidden or max(map(len, shown)) <= COLUMNS, max(shown, key=len)


def test_numbers_in_prose_are_computed_or_cited(chapter: Chapter) -> None:
    for text in cells(chapter, "markdown"):
        body = FORMULA.sub(" ", text.partition("## Sources")[0])
        for paragraph in body.split("\n\n"):
            if not re.search(r"\[\d\]", paragraph):
                assert MEASURED.findall(paragraph) == [], paragraph


def test_bold_words_are_terms_of_the_glossary(chapter: Chapter) -> None:
    bold = [" ".join(m["term"].split()) for m in TERM.finditer(prose(chapter))]
    assert bold, "no term is explained"
    assert [term for term in bold if not known(term, TERMS)] == []


def test_terms_are_explained_where_they_are_first_used() -> None:
    """The first time that the course uses a term, it is in bold: so it is explained there."""
    whole = re.sub(r"(?<![*\w])\*(?!\*)[^*]{1,80}\*(?!\*)", " ", "\n\n".join(prose(c) for c in chapters()))
    whole = re.sub(r"\s", " ", whole)  # words in italics are examples, or stressed
    bold = [match.span() for match in re.finditer(r"\*\*[^*]+\*\*", whole)]
    late = []
    for term in TERMS.keys() - COMMON:
        pattern = re.compile(rf"(?<![\w-]){re.escape(term)}(?:e?s)?(?![\w-])", re.I)
        first = pattern.search(whole)
        if first and not any(a <= first.start() < b for a, b in bold):
            late.append((term, whole[max(first.start() - 50, 0) : first.end() + 30]))
    assert late == []


def test_a_chapter_is_found_by_number_and_word_and_nothing_else() -> None:
    assert find(1) == find("1") == find("01-sound") == find("Sound")
    for wrong in ("99", "no such", ""):
        with pytest.raises(CourseError, match="chapter"):
            find(wrong)


def test_a_file_without_title_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import synthkit_course.chapters as module

    (tmp_path / "01-untitled.py").write_text("# %%\n1\n")
    monkeypatch.setattr(module, "folder", lambda: tmp_path)
    module.chapters.cache_clear()
    try:
        with pytest.raises(CourseError, match="title and its question"):
            module.chapters()
    finally:
        module.chapters.cache_clear()
