# SPDX-License-Identifier: Apache-2.0
"""What is settled before any work: that the parts fit, and which recordings can be used.

In that order: a mismatch is refused from the recordings' headers, before one of them is hashed or decoded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from synthkit import audio
from synthkit.atomic import sha256
from synthkit.corpora import Corpus, open_corpus
from synthkit.corpora.rates import commonest, odd_rates
from synthkit.errors import AudioError
from synthkit.pipeline.cache import Cache, key
from synthkit.pipeline.config import Config
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.state import Build
from synthkit.types import Utterance


def plan(config: Config, ctx: BuildContext, cache: Cache | None = None) -> Build:
    """Open the corpus, check that the parts fit, and take out what cannot be used; no other work is done.

    Raises
    ------
    SynthkitError
        As in `synthkit.pipeline.build.build`.
    """
    cache = cache or Cache(tell=ctx.log)
    corpus = _open(config)
    utterances = list(corpus.utterances)
    if config.voice.limit:
        utterances = utterances[: config.voice.limit]
    ctx.log(f"corpus {corpus.name}: {len(utterances)} utterances")
    rates = _rates(utterances)
    rate = config.voice.sample_rate or commonest(rates.values())
    parts = config.parts.at(rate)
    bridges = parts.contract(rate, ctx.log)
    ctx.executor.agree(parts.wanted())
    hashes = {u.id: _audio_hash(u) for u in utterances}
    labels = {u.id: _label_hash(u) for u in utterances}
    bad, warnings = _unusable(replace(corpus, utterances=utterances), hashes, labels, cache, ctx)
    good = {id_: r for id_, r in rates.items() if id_ not in bad}
    if not config.voice.sample_rate and commonest(good.values()) != rate:
        rate = commonest(good.values())  # the others were most of the corpus, and none of them can be used
        parts = config.parts.at(rate)
        bridges = parts.contract(rate, ctx.log)
    voice = config.voice.model_copy(update={"sample_rate": rate})
    state = Build(replace(config, voice=voice, parts=parts), corpus, cache, ctx, rate, utterances)
    state.bridges = bridges
    state.warnings = warnings
    state.drop("corpus", bad | ({} if config.voice.sample_rate else odd_rates(good, rate)))
    _tell(warnings, state)
    state.audio_hashes = {u.id: hashes[u.id] for u in state.utterances}
    state.label_hashes = {u.id: labels[u.id] for u in state.utterances}
    return state


def _open(config: Config) -> Corpus:
    name = config.voice.corpus
    folder = config.base / name
    source = str(folder) if ("/" in name or name.startswith(".")) and not Path(name).is_absolute() else name
    return open_corpus(source, language=config.voice.language, layout=config.voice.layout)


def _rates(utterances: Iterable[Utterance]) -> dict[str, int]:
    """Sample rates by id, from the headers; what has none to read is found by `check` later."""
    rates = {}
    for u in utterances:
        try:
            rates[u.id] = audio.info(u.audio)[0]
        except AudioError:
            continue
    return rates


def _audio_hash(u: Utterance) -> str:
    return f"{sha256(u.audio) if u.audio.is_file() else 'missing'}:{u.start}:{u.end}"


def _label_hash(u: Utterance) -> str | None:
    return sha256(u.labels) if u.labels and u.labels.exists() else None


def _unusable(
    corpus: Corpus, hashes: dict[str, str], labels: dict[str, str | None], cache: Cache, ctx: BuildContext
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """What `check` finds wrong, by id, and what it warns of; remembered by content: every sample is read."""
    from threadpoolctl import threadpool_limits  # parts that do not fit are refused before

    from synthkit.corpora.checks import VERSION, Examined, check

    what = ([u.id, u.text, u.audio.name, hashes[u.id], labels[u.id]] for u in corpus.utterances)

    def mapped(
        examine: Callable[[Utterance], Examined], utterances: Sequence[Utterance]
    ) -> Iterator[Examined]:
        return ctx.map(examine, utterances, label="checking recordings")

    def make(path: Path) -> None:
        with threadpool_limits(1, user_api="blas"):
            found = [[f.id, f.reason, f.severity] for f in check(corpus, rates=False, map=mapped)]
        path.write_text(json.dumps(found), encoding="utf-8")

    file = cache.file("checks", key(VERSION, what), ".json", make)
    found: list[list[str]] = json.loads(file.read_text(encoding="utf-8"))
    bad = {id_: why for id_, why, severity in found if severity == "error"}
    return bad, [(id_, why) for id_, why, severity in found if severity == "warning" and id_]


def _tell(warnings: list[tuple[str, str]], state: Build) -> None:
    """Say what `check` warns of: how much, and the first."""
    there = {u.id for u in state.utterances}
    kept = [(id_, why) for id_, why in warnings if id_ in there]
    for id_, why in kept[:3]:
        state.ctx.log(f"warning: {id_}: {why}")
    if len(kept) > 3:
        state.ctx.log(f"  … and {len(kept) - 3} more warnings (`synthkit corpora check` lists them)")
