# SPDX-License-Identifier: Apache-2.0
"""What is settled before any work: that the parts fit, and which recordings can be used.

In that order: a mismatch is refused from the recordings' headers, before one of them is hashed or decoded.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.compact import Digests
from synthkit.corpora import Corpus, open_corpus
from synthkit.corpora.rates import commonest, odd_rate
from synthkit.errors import AudioError, visible
from synthkit.pipeline.cache import Cache, key
from synthkit.pipeline.config import Config
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.roll import Roll
from synthkit.pipeline.state import Build
from synthkit.types import Utterance

MANY = 500
"""Utterances from which their files are hashed by workers, which for fewer may not be needed at all."""
HASHING = "hashing recordings"


def plan(config: Config, ctx: BuildContext, cache: Cache | None = None) -> Build:
    """Open the corpus, check that the parts fit, and take out what cannot be used; no other work is done.

    Parameters
    ----------
    config : Config
    ctx : BuildContext
    cache : Cache, optional
        That of the user if left out.

    Returns
    -------
    Build

    Raises
    ------
    SynthkitError
        As in `synthkit.pipeline.build.build`.
    """
    cache = cache or Cache(tell=ctx.log)
    corpus = _open(config)
    roll = Roll(islice(corpus.utterances, config.voice.limit or None))
    corpus = replace(corpus, utterances=[])  # a kilobyte and a half each; they are in the roll
    ctx.log(f"corpus {corpus.name}: {len(roll)} utterances")
    rates = array("l", map(_rate, ctx.track(roll, label="headers", total=len(roll))))
    rate = config.voice.sample_rate or commonest(filter(None, rates))
    parts = config.parts.at(rate)
    bridges = parts.contract(rate, ctx.log)
    ctx.executor.agree(parts.wanted())
    audio_hashes, label_hashes = (Digests(len(roll), 32) for _ in range(2))
    for n, hashes in enumerate(_hashed(roll, ctx)):
        audio_hashes[n], label_hashes[n] = hashes
    there = array("l", range(len(roll)))
    state = Build(config, corpus, cache, ctx, rate, roll, audio_hashes, label_hashes, there)
    bad, state.warnings = _unusable(state)
    good = (r for n, r in enumerate(rates) if r and n not in bad)
    if not config.voice.sample_rate and (most := commonest(good)) != rate:
        rate = most  # the others were most of the corpus, and none of them can be used
        parts = config.parts.at(rate)
        bridges = parts.contract(rate, ctx.log)
    voice = config.voice.model_copy(update={"sample_rate": rate})
    state.config, state.sample_rate = replace(config, voice=voice, parts=parts), rate
    state.bridges = bridges
    if not config.voice.sample_rate:
        bad |= {n: odd_rate(r, rate) for n, r in enumerate(rates) if r and r != rate and n not in bad}
    state.drop("corpus", bad)
    _tell(state)
    return state


def _open(config: Config) -> Corpus:
    name = config.voice.corpus
    folder = config.base / name
    source = str(folder) if ("/" in name or name.startswith(".")) and not Path(name).is_absolute() else name
    return open_corpus(source, language=config.voice.language, layout=config.voice.layout)


def _rate(u: Utterance) -> int:
    """A recording's sample rate, from its header; 0 for what has none to read, which `check` finds later."""
    try:
        return audio.info(u.audio)[0]
    except AudioError:
        return 0


def _hashed(roll: Roll, ctx: BuildContext) -> Iterator[tuple[str | None, str | None]]:
    """SHA-256 of the recording and of the labels of each utterance; None for what is not there."""
    if len(roll) < MANY:
        return ctx.track(map(_hashes, roll), label=HASHING, total=len(roll))
    return ctx.map(_hashes, roll, label=HASHING)


def _hashes(u: Utterance) -> tuple[str | None, str | None]:
    return (
        sha256(u.audio) if u.audio.is_file() else None,
        sha256(u.labels) if u.labels and u.labels.exists() else None,
    )


def _unusable(state: Build) -> tuple[dict[int, str], list[tuple[str, str]]]:
    """What `check` finds wrong, by number, and what it warns of, by id; remembered by content, since every
    sample is read."""
    from threadpoolctl import threadpool_limits  # parts that do not fit are refused before

    from synthkit.corpora.checks import VERSION, Examined, check_each

    what = (
        [u.id, u.text, u.audio.name, state.audio_hash(n, u), state.labels.get(n)] for n, u in state.each()
    )

    def mapped(
        examine: Callable[[Utterance], Examined], utterances: Sequence[Utterance]
    ) -> Iterator[Examined]:
        return state.ctx.map(examine, utterances, label="checking recordings")

    def make(path: Path) -> None:
        with threadpool_limits(1, user_api="blas"):
            flaws = check_each(state.roll, state.corpus.root, rates=False, map=mapped)
            found = [[f.id, f.reason, f.severity] for f in flaws]
        path.write_text(json.dumps(found), encoding="utf-8")

    file = state.cache.file("checks", key(VERSION, what), ".json", make)
    found: list[list[str]] = json.loads(file.read_text(encoding="utf-8"))
    bad = {id_: why for id_, why, severity in found if severity == "error"}
    numbers = {n: bad[u.id] for n, u in state.each() if u.id in bad} if bad else {}
    return numbers, [(id_, why) for id_, why, severity in found if severity == "warning" and id_]


def _tell(state: Build) -> None:
    """Say what `check` warns of: how much, and the first."""
    named = {id_ for id_, _ in state.warnings}
    there = {u.id for u in state.utterances if u.id in named} if named else set()
    kept = [(id_, why) for id_, why in state.warnings if id_ in there]
    for id_, why in kept[:3]:
        state.ctx.log(visible(f"warning: {id_}: {why}"))
    if len(kept) > 3:
        state.ctx.log(f"  … and {len(kept) - 3} more warnings (`synthkit corpora check` lists them)")
