# SPDX-License-Identifier: Apache-2.0
"""From sounds to a test's folder: levels, anchors, opaque names, who hears what, practice and attention
pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthkit import audio
from synthkit.atomic import writing_folder
from synthkit.errors import ConfigError
from synthkit.eval.listening.design import ATTENTION, Trial, plan
from synthkit.eval.listening.power import STUDIES, expected
from synthkit.eval.scales import ANCHORS, REFERENCE, SCALES, Role
from synthkit.types import Waveform
from synthkit_web.listen.folder import SOUNDS, Page, Sound, Test
from synthkit_web.listen.sounds import LOUDNESS, at_level, common_level, low_pass
from synthkit_web.listen.sources import NATURAL, Sources
from synthkit_web.server import new_secret


@dataclass(frozen=True)
class Asked:
    """What is asked for; the fields are the options of ``synthkit listen plan``."""

    design: str
    out: Path
    listeners: int = 24
    per_listener: int | None = None
    against: str | None = None
    complete: bool = False
    anchors: bool = True
    practice: int = 2
    attention: int | None = None
    title: str = ""
    language: str = "en"
    consent: str = ""
    seed: int = 1
    loudness: float = LOUDNESS
    must_play: float = 0.95
    headphones: bool = True
    no_preference: bool = False
    studies: int = STUDIES


def make_test(sources: Sources, asked: Asked) -> Test:
    """Write the folder `asked.out` (replaced as a whole when it ends well) and return its test.

    Raises
    ------
    ConfigError
        The design needs what there is not, or the folder holds a test already.
    """
    if asked.design not in SCALES:
        raise ConfigError(f"there is no design {asked.design!r}", hint=f"designs are {', '.join(SCALES)}")
    if asked.out.exists() and any(asked.out.iterdir()):
        raise ConfigError(
            "is not empty", where=str(asked.out), hint="a test is planned once: name another folder"
        )
    if asked.design in ("mushra", "smos") and NATURAL not in sources.voices:
        raise ConfigError(
            f"{asked.design} compares with recordings, and there are none",
            hint="name a corpus with recordings, or natural=FOLDER; mos, cmos, ab and abx need none",
        )
    if asked.no_preference and asked.design != "ab":
        raise ConfigError("--no-preference is for the design ab")
    items = list(sources.items)
    if asked.design == "smos" and len(items) < 2:
        raise ConfigError("smos plays another sentence of the speaker: there must be two")
    waves = {k: audio.read(path) for k, path in sources.sounds.items()}
    voices, roles = _voices(sources, asked, waves)
    level = common_level([(f"{v}, {i}", w) for (v, i), w in waves.items()], asked.loudness)
    rated = [v for v in voices if v in roles]
    trials = plan(
        asked.design, items, rated, asked.listeners, seed=asked.seed, against=asked.against,
        complete=asked.complete, per_listener=asked.per_listener,
    )  # fmt: skip
    names = _Names(asked.seed)
    attention = ATTENTION[asked.design] if asked.attention is None else asked.attention
    test = Test(
        id=new_secret()[:12],
        design=asked.design,
        title=asked.title or "Listening test",
        language=asked.language,
        seed=asked.seed,
        voices=roles,
        items=dict(sources.items),
        sounds={},
        listeners=[
            _pages(asked, mine, items, rated, names, np.random.default_rng([asked.seed, n]), attention)
            for n, mine in enumerate(trials)
        ],
        consent=asked.consent,
        must_play=asked.must_play,
        headphones=asked.headphones,
        no_preference=asked.no_preference,
        power=expected(
            asked.design,
            trials,
            [v for v in rated if roles[v] == "voice"],
            seed=asked.seed,
            studies=asked.studies,
        ),
    )
    with writing_folder(asked.out) as folder:
        (folder / SOUNDS).mkdir()
        sounds = {}
        for (item, voice, copy), name in names.given.items():
            wave = at_level(waves[voice, item], level, f"{voice}, {item}")
            audio.write(folder / SOUNDS / name, wave)
            sounds[name] = Sound(item, voice, round(wave.duration, 3), copy)
        test = replace(test, sounds=dict(sorted(sounds.items())))
        test.save(folder)
    return test


def _voices(
    sources: Sources, asked: Asked, waves: dict[tuple[str, str], Waveform]
) -> tuple[list[str], dict[str, Role]]:
    """Voices to be rated and their roles; of a MUSHRA test the anchors too, whose sounds are made."""
    roles: dict[str, Role] = dict.fromkeys(sources.voices, "voice")
    if asked.design == "mushra":
        roles = {REFERENCE: "reference", **{v: "voice" for v in sources.voices if v != NATURAL}}
        for item in sources.items:
            waves[REFERENCE, item] = waves.pop((NATURAL, item))
            for anchor, cutoff in ANCHORS.items() if asked.anchors else ():
                waves[anchor, item] = low_pass(waves[REFERENCE, item], cutoff)
                roles[anchor] = "anchor"
    elif NATURAL in roles:
        roles[NATURAL] = "reference"
    return list(roles), roles


class _Names:
    """Opaque file names, the same for the same seed, given out as sounds are asked for."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 0x50])
        self.given: dict[tuple[str, str, int], str] = {}

    def __call__(self, item: str, voice: str, copy: int = 0) -> str:
        key = (item, voice, copy)
        if key not in self.given:
            self.given[key] = self.rng.bytes(6).hex() + ".flac"
        return self.given[key]


def _pages(
    asked: Asked,
    trials: Sequence[Trial],
    items: Sequence[str],
    voices: Sequence[str],
    names: _Names,
    rng: np.random.Generator,
    attention: int,
) -> list[Page]:
    """Practice, then the trials with attention pages among them, never first or last."""
    practice = [_page(asked, "practice", f"practice-{k}", t, items, names)
                for k, t in enumerate(_spread(trials, asked.practice))]  # fmt: skip
    rest = [_page(asked, "trial", f"trial-{k:03d}", t, items, names) for k, t in enumerate(trials)]
    count = min(attention, max(len(rest) - 1, 0))
    steps = np.linspace(1, len(rest), count + 1)
    for k in reversed(range(count)):
        place = int(rng.integers(int(steps[k]), max(int(steps[k]) + 1, int(steps[k + 1]))))
        like = trials[int(rng.integers(len(trials)))]
        page = _page(asked, "attention", f"check-{k}", like, items, names)
        rest.insert(place, replace(page, expect=_expected(asked.design, rng)))
    return practice + rest


def _page(asked: Asked, kind: str, id: str, trial: Trial, items: Sequence[str], names: _Names) -> Page:
    sounds = tuple(names(trial.item, v) for v in trial.voices)
    reference = ""
    if asked.design == "mushra":
        reference = names(trial.item, REFERENCE, 1)
    elif asked.design == "abx":
        assert trial.x is not None
        reference = names(trial.item, trial.voices[trial.x], 1)
    elif asked.design == "smos":  # who speaks, not what is said
        other = items[(list(items).index(trial.item) + 1) % len(items)]
        reference = names(other, NATURAL, 1)
    return Page(id, kind, trial.item, trial.voices, sounds, reference, trial.x)  # type: ignore[arg-type]


def _expected(design: str, rng: np.random.Generator) -> float:
    """What an attention page asks for: an end of the scale, which is rarely what one would say."""
    low, high = SCALES[design].low, SCALES[design].high
    if design == "mushra":
        return float(rng.integers(1, 5) * 10)
    return float(low if rng.random() < 0.5 else high)


def _spread(trials: Sequence[Trial], count: int) -> list[Trial]:
    """Trials to practise on, as different as they come: not those that one starts with."""
    if not count:
        return []
    places = np.linspace(len(trials) - 1, len(trials) // 2, min(count, len(trials)))
    return [trials[round(k)] for k in places]
