# SPDX-License-Identifier: Apache-2.0
"""The stages of a planned build in turn, each result cached by content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from synthkit.atomic import arrived, sha256
from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline import assembling, jobs
from synthkit.pipeline.alignments import LINES, ONE_FILE, read_alignments, write_alignments
from synthkit.pipeline.cache import key
from synthkit.pipeline.lazily import Made
from synthkit.pipeline.state import Build
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import Utterance

J = TypeVar("J", jobs.SegmentJob, jobs.FeatureJob)


def make(state: Build, out: Path) -> TrainingData:
    """Every stage of `state` in turn, and the voice put together in folder `out`; what it learned from.

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
        state.ctx.stage("acoustic_model")
        model = _fit(state, "acoustic_model", data)
        vocoder = None
        if state.parts["vocoder"].get().trainable:
            state.ctx.stage("vocoder")
            vocoder = _fit(state, "vocoder", data)
        state.ctx.stage("voice")
        assembling.assemble(state, data, model, vocoder, out)
    return data


def _segment(state: Build) -> None:
    part = state.parts["segmentation"]
    identity, ref = part.identity(), part.ref
    state.segment_keys = {u.id: key(identity, u.text, u.language) for u in state.utterances}

    def job(u: Utterance) -> jobs.SegmentJob:
        return jobs.SegmentJob(ref, u, state.segmentation_path(u))

    keys, path = state.segment_keys, state.segmentation_path
    state.drop("segmentation", _run(state, jobs.run_segment, keys, job, path, "segmentation"))


def _check_phone_set(state: Build) -> None:
    """Let the acoustic model refuse the phones before alignment and features are worked on."""
    firsts = {u.language: u for u in reversed(state.utterances)}.values()
    names = {jobs.read_segmentation(state.segmentation_path(u)).phone_set for u in firsts}
    state.parts["acoustic_model"].get().check_phone_set("+".join(sorted(names)))


def _run(
    state: Build,
    function: Callable[[J], str | None],
    keys: dict[str, str],
    job: Callable[[Utterance], J],
    path: Callable[[Utterance], Path],
    label: str,
) -> dict[str, str]:
    """Do the utterances' jobs that are not in the cache, one of those that have the same key; why some cannot
    be done, by id. The others' results can be read after it."""
    todo: dict[str, Utterance] = {}
    for u in state.utterances:
        if keys[u.id] not in todo and not state.cache.holds(path(u)):
            todo[keys[u.id]] = u
    failed: dict[str, str] = {}
    reasons = state.ctx.map(function, Made(list(todo.values()), job), label=label)
    for (k, u), reason in zip(todo.items(), reasons, strict=True):
        if reason is not None:
            failed[k] = reason
        else:
            arrived(path(u))
    return {u.id: failed[keys[u.id]] for u in state.utterances if keys[u.id] in failed}


def _align(state: Build) -> None:
    part = state.parts["alignment"]
    k = key(part.identity(), (_utterance_key(state, u) for u in state.utterances))
    state.keys["alignment"] = k

    def make(folder: Path) -> None:
        aligner = part.new()  # a build before this one, in the same process, may have trained the shared one
        items = Made(state.utterances, lambda u: (u, jobs.read_segmentation(state.segmentation_path(u))))
        with state.ctx.working(state.cache.root / "work" / k) as ctx:
            write_alignments(folder, aligner.align_each(items, ctx))
        aligner.save(folder)

    folder = state.cache.folder("alignment", k, make)
    state.alignments, failures = read_alignments(folder)
    state.alignments_hash = sha256(folder / (LINES if (folder / LINES).exists() else ONE_FILE))
    state.drop("alignment", failures)
    flagged = len(state.flagged())
    if flagged:
        state.ctx.log(f"alignment: {flagged} utterances have implausible boundaries (flagged, kept)")


def _utterance_key(state: Build, u: Utterance) -> list[Any]:
    hashes = [state.audio_hashes[u.id], state.segment_keys[u.id], state.label_hashes[u.id]]
    return [u.id, u.speaker, *hashes, state.sample_rate]


def _features(state: Build) -> None:
    part = state.parts["features"]
    identity, ref, extractor = part.identity(), part.ref, part.get()
    spec = extractor.spec
    digest = hashlib.sha256()
    for u in state.utterances:
        k = state.frame_keys[u.id] = key(
            identity,
            spec.hash,
            state.audio_hashes[u.id],
            state.sample_rate,
            state.alignments[u.id].to_dict() if extractor.needs_alignment else None,
        )
        digest.update(k.encode())
    state.keys["features"] = digest.hexdigest()[:40]

    def job(u: Utterance) -> jobs.FeatureJob:
        return jobs.FeatureJob(ref, u, state.alignments[u.id], state.sample_rate, state.frames_path(u))

    keys, path = state.frame_keys, state.frames_path
    state.drop("features", _run(state, jobs.run_features, keys, job, path, "features"))


def _training_data(state: Build) -> TrainingData:
    spec = state.parts["features"].get().spec
    phone_sets = {jobs.read_segmentation(state.segmentation_path(u)).phone_set for u in state.utterances}
    held = _held_out([u.id for u in state.utterances], state.config.voice.held_out)
    if len(held) == len(state.utterances):
        raise ConfigError("held_out leaves no utterance to build from", where="[voice] held_out")
    if held:
        ids = [state.utterances[i].id for i in sorted(held)]
        named = ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
        count = len(state.utterances)
        state.ctx.log(f"held_out: {len(ids)} of {count} utterances stay out, to judge by: {named}")
    state.training = [u for i, u in enumerate(state.utterances) if i not in held]
    state.held_out = [state.utterances[i] for i in sorted(held)]

    def item(u: Utterance) -> TrainingItem:
        return TrainingItem(
            u,
            jobs.read_segmentation(state.segmentation_path(u)),
            state.alignments[u.id],
            partial(jobs.read_waveform, u, state.sample_rate),
            partial(jobs.read_frames, state.frames_path(u), spec),
        )

    return TrainingData(
        Made(state.training, item),
        state.sample_rate,
        tuple(sorted({u.language for u in state.utterances})),
        tuple(sorted({u.speaker for u in state.utterances})),
        "+".join(sorted(phone_sets)),
        spec,
        Made(state.held_out, item),
    )


def _held_out(ids: Sequence[str], rule: int | list[str]) -> set[int]:
    """Places of the utterances that stay out of the voice."""
    if isinstance(rule, list):
        wanted = set(rule)
        return {k for k, id_ in enumerate(ids) if id_ in wanted}
    if rule < 0:
        raise ConfigError(f"held_out = {rule} is below 0", where="[voice] held_out")
    return set(range(0, len(ids), rule)) if rule else set()


def _fit(state: Build, stage: str, data: TrainingData) -> Path:
    part = state.parts[stage]
    content = (
        [_utterance_key(state, u), state.frames_path(u).name] for u in (*state.training, *state.held_out)
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
