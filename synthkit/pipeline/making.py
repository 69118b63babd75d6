# SPDX-License-Identifier: Apache-2.0
"""The stages of a planned build in turn, each result cached by content."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from synthkit.atomic import arrived, sha256
from synthkit.compact import Digests
from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline import assembling, jobs
from synthkit.pipeline.alignments import LINES, ONE_FILE, read_alignments, write_alignments
from synthkit.pipeline.cache import KEY, key
from synthkit.pipeline.lazily import Made
from synthkit.pipeline.state import Build
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import Segmentation, Utterance

J = TypeVar("J", jobs.SegmentJob, jobs.FeatureJob)


def make(state: Build, out: Path) -> TrainingData:
    """Every stage of `state` in turn, and the voice put together in folder `out`; what it learned from.

    Parameters
    ----------
    state : Build
    out : Path

    Returns
    -------
    TrainingData

    Raises
    ------
    SynthkitError
        As in `synthkit.pipeline.build.build`.
    """
    # BLAS sums in another order with another number of threads; models choose their own threads by
    # themselves.
    with threadpool_limits(1, user_api="blas"):
        state.ctx.stage("segmentation")
        _segment(state)
        _check_phone_set(state)
        state.ctx.stage("alignment")
        _align(state)
        state.ctx.stage("features")
        _features(state)
        data = _training_data(state)
        trained = {}
        for stage in ("prosody", "acoustic_model", "vocoder"):
            if stage == "acoustic_model" or _trains(state, stage):
                state.ctx.stage(stage)
                trained[stage] = _fit(state, stage, data)
        state.ctx.stage("voice")
        assembling.assemble(state, data, trained, out)
    return data


def _trains(state: Build, stage: str) -> bool:
    """Whether the voice has a prosody model, which always trains, or a vocoder that does."""
    part = state.parts.stages.get(stage)
    return part is not None and (stage == "prosody" or part.get().trainable)


def _segment(state: Build) -> None:
    part = state.parts["segmentation"]
    identity, ref = part.identity(), part.ref
    for n, u in state.each():
        state.segment_keys[n] = key(identity, u.text, u.language)

    def job(n: int) -> jobs.SegmentJob:
        return jobs.SegmentJob(ref, state.roll[n], state.segmentation_path(n))

    keys, path = state.segment_keys, state.segmentation_path
    state.drop("segmentation", _run(state, jobs.run_segment, keys, job, path, "segmentation"))


def _check_phone_set(state: Build) -> None:
    """Let the acoustic model refuse the phones before alignment and features are worked on."""
    firsts: dict[str, int] = {}
    for n, u in state.each():
        firsts.setdefault(u.language, n)
    names = {jobs.read_segmentation(state.segmentation_path(n)).phone_set for n in firsts.values()}
    state.parts["acoustic_model"].get().check_phone_set("+".join(sorted(names)))


def _run(
    state: Build,
    function: Callable[[J], str | None],
    keys: Digests,
    job: Callable[[int], J],
    path: Callable[[int], Path],
    label: str,
) -> dict[int, str]:
    """Do the utterances' jobs that are not in the cache, one of those that have the same key; why some cannot
    be done, by number. The others' results can be read after it."""
    todo = array("l", (n for n in keys.first_of_each(state.there) if not state.cache.holds(path(n))))
    failed: dict[str, str] = {}
    for n, reason in zip(todo, state.ctx.map(function, Made(todo, job), label=label), strict=True):
        if reason is not None:
            failed[keys[n]] = reason
        else:
            arrived(path(n))
    return {n: failed[keys[n]] for n in state.there if keys[n] in failed} if failed else {}


def _align(state: Build) -> None:
    part = state.parts["alignment"]
    k = key(part.identity(), (_utterance_key(state, n, u) for n, u in state.each()))
    state.keys["alignment"] = k

    def item(n: int) -> tuple[Utterance, Segmentation]:
        return state.roll[n], jobs.read_segmentation(state.segmentation_path(n))

    def make(folder: Path) -> None:
        aligner = part.new()  # a build before this one, in the same process, may have trained the shared one
        with state.ctx.working(state.cache.root / "work" / k) as ctx:
            write_alignments(folder, aligner.align_each(Made(state.there, item), ctx))
        aligner.save(folder)

    folder = state.cache.folder("alignment", k, make)
    state.alignments, failures = read_alignments(folder)
    state.alignments_hash = sha256(folder / (LINES if (folder / LINES).exists() else ONE_FILE))
    if failures:
        state.drop("alignment", {n: failures[u.id] for n, u in state.each() if u.id in failures})
    flagged = len(state.flagged())
    if flagged:
        state.ctx.log(f"alignment: {flagged} utterances have implausible boundaries (flagged, kept)")


def _utterance_key(state: Build, n: int, u: Utterance) -> list[Any]:
    hashes = [state.audio_hash(n, u), state.segment_keys[n], state.labels.get(n)]
    return [u.id, u.speaker, *hashes, state.sample_rate]


def _features(state: Build) -> None:
    part = state.parts["features"]
    identity, ref, extractor = part.identity(), part.ref, part.get()
    spec = extractor.spec
    digest = hashlib.sha256()
    for n, u in state.each():
        k = state.frame_keys[n] = key(
            identity,
            spec.hash,
            state.audio_hash(n, u),
            state.sample_rate,
            state.alignments[u.id].to_dict() if extractor.needs_alignment else None,
        )
        digest.update(k.encode())
    state.keys["features"] = digest.hexdigest()[:KEY]

    def job(n: int) -> jobs.FeatureJob:
        u = state.roll[n]
        return jobs.FeatureJob(ref, u, state.alignments[u.id], state.sample_rate, state.frames_path(n))

    keys, path = state.frame_keys, state.frames_path
    state.drop("features", _run(state, jobs.run_features, keys, job, path, "features"))


def _training_data(state: Build) -> TrainingData:
    spec = state.parts["features"].get().spec
    phone_sets, languages, speakers = set[str](), set[str](), set[str]()
    for n, u in state.each():
        phone_sets.add(jobs.read_segmentation(state.segmentation_path(n)).phone_set)
        languages.add(u.language)
        speakers.add(u.speaker)
    held = _held_out((u.id for u in state.utterances), len(state.there), state.config.voice.held_out)
    if len(held) == len(state.there):
        raise ConfigError("held_out leaves no utterance to build from", where="[voice] held_out")
    state.learned = array("l", (n for i, n in enumerate(state.there) if i not in held))
    state.kept_out = array("l", (state.there[i] for i in sorted(held)))
    if held:
        ids = [u.id for u in state.held_out[:3]]
        named = ", ".join(ids) + (", …" if len(held) > 3 else "")
        count = len(state.there)
        state.ctx.log(f"held_out: {len(held)} of {count} utterances stay out, to judge by: {named}")

    def item(n: int) -> TrainingItem:
        u = state.roll[n]
        return TrainingItem(
            u,
            jobs.read_segmentation(state.segmentation_path(n)),
            state.alignments[u.id],
            partial(jobs.read_waveform, u, state.sample_rate),
            partial(jobs.read_frames, state.frames_path(n), spec),
        )

    return TrainingData(
        Made(state.learned, item),
        state.sample_rate,
        tuple(sorted(languages)),
        tuple(sorted(speakers)),
        "+".join(sorted(phone_sets)),
        spec,
        Made(state.kept_out, item),
    )


def _held_out(ids: Iterable[str], count: int, rule: int | list[str]) -> set[int]:
    """Places of the utterances that stay out of the voice."""
    if isinstance(rule, list):
        wanted = set(rule)
        return {k for k, id_ in enumerate(ids) if id_ in wanted}
    if rule < 0:
        raise ConfigError(f"held_out = {rule} is below 0", where="[voice] held_out")
    return set(range(0, count, rule)) if rule else set()


def _fit(state: Build, stage: str, data: TrainingData) -> Path:
    part = state.parts[stage]
    content = (
        [_utterance_key(state, n, state.roll[n]), state.frames_path(n).name]
        for n in chain(state.learned, state.kept_out)
    )
    held = [u.id for u in state.held_out]
    k = key(part.identity(), data.spec.to_dict(), data.phone_set, state.alignments_hash, content, held)
    state.keys[stage] = k

    def make(folder: Path) -> None:
        with state.ctx.working(state.cache.root / "work" / k) as ctx:
            part.new().fit(data, folder, ctx)
        if not any(folder.iterdir()):
            raise SynthkitError(f"{stage} {part.plugin!r} learnt nothing: its folder is empty")

    return state.cache.folder(stage, k, make)
