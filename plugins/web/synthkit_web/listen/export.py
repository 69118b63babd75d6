# SPDX-License-Identifier: Apache-2.0
"""A test for another place: a folder for any static host, or webMUSHRA's configuration."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from synthkit import audio
from synthkit.atomic import write_json, write_text, writing_folder
from synthkit.errors import ConfigError
from synthkit.eval.listening.formats import AGAINST
from synthkit.eval.scales import REFERENCE
from synthkit.show import PAGE
from synthkit_web.app import STATIC
from synthkit_web.listen.folder import SOUNDS, Page, Test
from synthkit_web.listen.results import DOWNLOADED

MARK = '<meta name="answers" content="server">'
"""In the page: where answers go."""


def export_static(folder: Path, test: Test, out: Path) -> None:
    """Pages, sounds and plan as files; a listener downloads what he answered. Nothing in them says whose a
    sound is.

    Raises
    ------
    ConfigError
        `out` holds something already.
    """
    _empty(out)
    with writing_folder(out) as place:
        (place / "common").mkdir(parents=True)
        for name in ("base.css", "dom.js"):
            shutil.copy(PAGE / name, place / "common" / name)
        shutil.copytree(STATIC / "listen", place / "listen", ignore=shutil.ignore_patterns("admin.*"))
        page = (STATIC / "listen" / "index.html").read_text(encoding="utf-8")
        assert MARK in page
        index = place / "listen" / "index.html"
        index.write_text(page.replace(MARK, MARK.replace("server", "file")), encoding="utf-8")
        (place / "index.html").write_text(
            # ?slot= and ?listener= go on with it, which a refresh by the header alone would lose.
            '<!doctype html><meta charset="utf-8">'
            '<script>location.replace("listen/" + location.search)</script>'
            '<noscript><a href="listen/">listen/</a></noscript>\n',
            encoding="utf-8",
        )
        (place / "listen" / SOUNDS).mkdir()
        for name in test.sounds:
            shutil.copyfile(folder / SOUNDS / name, place / "listen" / SOUNDS / name)
        plan = {
            "kind": DOWNLOADED,
            "test": test.public(),
            "listeners": [[p.public() for p in pages] for pages in test.listeners],
        }
        write_json(place / "listen" / "plan.json", plan)


def export_webmushra(folder: Path, test: Test, out: Path) -> list[Path]:
    """webMUSHRA's YAML files and wav files, to be copied over its folder; returns the YAML files.

    A page is named by its sentence and a stimulus by its voice (in an ABX test ``other against voice of X``),
    so that the answers are read as ours. A MUSHRA test is one file; of a MOS or ABX test each planned
    listener has one, since each hears a sentence by other voices.

    Raises
    ------
    ConfigError
        webMUSHRA has no such design, or `out` holds something already.
    """
    import yaml

    if test.design not in ("mushra", "mos", "abx"):
        why = {
            "smos": "its rating pages play no other sound to compare with",
            "cmos": "it has no scale between two sounds",
            "ab": "its paired comparison asks which of two is the reference, not which is preferred",
        }
        raise ConfigError(
            f"webMUSHRA has no pages for {test.design}: {why[test.design]}",
            hint="mushra, mos and abx can be exported; --static exports any",
        )
    _empty(out)
    sounds = f"configs/resources/{test.id}"
    with writing_folder(out) as place:
        (place / sounds).mkdir(parents=True)
        for name in test.sounds:
            audio.write(place / sounds / f"{Path(name).stem}.wav", audio.read(folder / SOUNDS / name))
        names = {(s.item, s.voice, s.copy): f"{sounds}/{Path(n).stem}.wav" for n, s in test.sounds.items()}
        files = {}
        plans = test.listeners[:1] if test.design == "mushra" else test.listeners
        for k, pages in enumerate(plans, 1):
            trials = [p for p in pages if p.kind == "trial"]
            if test.design == "mushra":
                items = list(dict.fromkeys(p.item for mine in test.listeners for p in mine))
                made = [_mushra(item, trials[0].voices, names) for item in items]
            else:
                made = [(_mos if test.design == "mos" else _abx)(p, names) for p in trials]
            name = test.id if len(plans) == 1 else f"{test.id}-{k:02d}"
            files[name] = {
                "testname": test.title, "testId": test.id, "bufferSize": 2048, "stopOnErrors": True,
                "showButtonPreviousPage": False, "remoteService": "service/write.php",
                "pages": [["random", *made] if test.design == "mushra" else made, _FINISH]
                if test.design == "mushra" else [*made, _FINISH],
            }  # fmt: skip
        for name, content in files.items():
            write_text(
                place / "configs" / f"{name}.yaml",
                yaml.safe_dump(content, allow_unicode=True, sort_keys=False),
            )
    return [out / "configs" / f"{name}.yaml" for name in files]


WEBMUSHRA_FILES = {"mushra": "mushra.csv", "mos": "lss.csv", "abx": "paired_comparison.csv"}
"""Where webMUSHRA keeps the answers, by design."""

_FINISH = {
    "type": "finish", "name": "Thank you", "content": "Thank you for listening.", "showResults": False,
    "writeResults": True,
    "questionnaire": [{"type": "text", "label": "Your name or number", "name": "listener"}],
}  # fmt: skip


def _mushra(item: str, voices: tuple[str, ...], names: dict[tuple[str, str, int], str]) -> dict[str, Any]:
    return {
        "type": "mushra", "id": item, "name": "Rate each sound against the reference", "content": "",
        "showWaveform": True, "enableLooping": True, "strict": False, "reference": names[item, REFERENCE, 1],
        "createAnchor35": False, "createAnchor70": False, "randomize": True,
        "stimuli": {v: names[item, v, 0] for v in sorted(voices) if v != REFERENCE},
    }  # fmt: skip


def _mos(page: Page, names: dict[tuple[str, str, int], str]) -> dict[str, Any]:
    labels = ("Bad", "Poor", "Fair", "Good", "Excellent")
    return {
        "type": "likert_single_stimulus", "id": page.item, "name": "How natural does this sound?",
        "content": "", "mustRate": True, "mustPlayback": "ended",
        "stimuli": {page.voices[0]: names[page.item, page.voices[0], 0]},
        "response": [{"value": k, "label": f"{k} {label}"} for k, label in enumerate(labels, 1)],
    }  # fmt: skip


def _abx(page: Page, names: dict[tuple[str, str, int], str]) -> dict[str, Any]:
    assert page.x is not None
    x, other = page.voices[page.x], page.voices[1 - page.x]
    return {
        "type": "paired_comparison", "id": page.item, "name": "Which of A and B is the reference?",
        "content": "", "showWaveform": False, "enableLooping": True, "reference": names[page.item, x, 0],
        "stimuli": {f"{other}{AGAINST}{x}": names[page.item, other, 0]},
    }  # fmt: skip


def _empty(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError("is not empty", where=str(out), hint="name another folder")
