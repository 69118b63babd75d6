# SPDX-License-Identifier: Apache-2.0
"""The stages of a planned build in turn, each result cached by content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from synthkit.atomic import sha256
from synthkit.errors import ConfigError, SynthkitError
from synthkit.pipeline import assembling, jobs
from synthkit.pipeline.cache import key
from synthkit.pipeline.state import Build
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import Segmentation, Utterance


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
        _segment(state)
        _check_phone_set(state)
        _align(state)
        _features(state)
        data = _training_data(state)
        model = _fit(state, "acoustic_model", data)
        vocoder = _fit(state, "vocoder", data) if state.parts["vocoder"].get().trainable else None
        assembling.assemble(state, data, model, vocoder, out)
    return data


def _segment(state: Build) -> None:
    part = state.parts["segmentation"]
    identity, ref = part.identity(), part.ref
    todo: list[jobs.SegmentJob] = []
    for u in state.utterances:
        k = key(identity, u.text, u.language)
        state.segment_keys[u.id] = k
        path = state.segment_paths[u.id] = state.cache.path("segmentation", k, ".json")
        if not state.cache.holds(path):
            todo.append(jobs.SegmentJob(ref, u, path))
    state.drop("segmentation", _run(state, jobs.run_segment, todo, "segmentation"))


def _check_phone_set(state: Build) -> None:
    """Let the acoustic model refuse the phones before alignment and features are worked on."""
    firsts = {u.language: u for u in reversed(state.utterances)}.values()
    names = {jobs.read_segmentation(state.segment_paths[u.id]).phone_set for u in firsts}
    state.parts["acoustic_model"].get().check_phone_set("+".join(sorted(names)))


def _run(state: Build, function: Callable[[Any], str | None], todo: list[Any], label: str) -> dict[str, str]:
    reasons = state.ctx.map(function, todo, label=label)
    return {job.utterance.id: r for job, r in zip(todo, reasons, strict=True) if r is not None}


def _align(state: Build) -> None:
    part = state.parts["alignment"]
    k = key(part.identity(), [_utterance_key(state, u) for u in state.utterances])
    state.keys["alignment"] = k
    failures: dict[str, str] = {}

    def make(folder: Path) -> None:
        aligner = part.new()  # a build before this one, in the same process, may have trained the shared one
        items = [(u, jobs.read_segmentation(state.segment_paths[u.id])) for u in state.utterances]
        with state.ctx.working(state.cache.root / "work" / k) as ctx:
            found = aligner.align(items, ctx)
        assembling.write_alignments(folder, found)
        aligner.save(folder)

    folder = state.cache.folder("alignment", k, make)
    state.alignments, failures = assembling.read_alignments(folder)
    state.alignments_hash = sha256(folder / assembling.ALIGNMENTS)
    state.drop("alignment", failures)
    flagged = sum(bool(state.alignments[u.id].flags) for u in state.utterances)
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
    todo: list[jobs.FeatureJob] = []
    for u in state.utterances:
        alignment = state.alignments[u.id]
        k = key(
            identity,
            spec.hash,
            state.audio_hashes[u.id],
            state.sample_rate,
            alignment.to_dict() if extractor.needs_alignment else None,
        )
        digest.update(k.encode())
        path = state.frame_paths[u.id] = state.cache.path("features", k, ".npz")
        if not state.cache.holds(path):
            todo.append(jobs.FeatureJob(ref, u, alignment, state.sample_rate, path))
    state.keys["features"] = digest.hexdigest()[:40]
    state.drop("features", _run(state, jobs.run_features, todo, "features"))


def _training_data(state: Build) -> TrainingData:
    spec = state.parts["features"].get().spec
    items = []
    phone_sets: dict[str, str] = {}
    for u in state.utterances:
        segmentation: Segmentation = jobs.read_segmentation(state.segment_paths[u.id])
        phone_sets.setdefault(segmentation.phone_set, u.id)
        items.append(
            TrainingItem(
                u,
                segmentation,
                state.alignments[u.id],
                partial(jobs.read_waveform, u, state.sample_rate),
                partial(jobs.read_frames, state.frame_paths[u.id], spec),
            )
        )
    held = _held_out(items, state.config.voice.held_out)
    if len(held) == len(items):
        raise ConfigError("held_out leaves no utterance to build from", where="[voice] held_out")
    if held:
        ids = [items[i].utterance.id for i in sorted(held)]
        named = ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
        state.ctx.log(f"held_out: {len(ids)} of {len(items)} utterances stay out, to judge by: {named}")
    return TrainingData(
        tuple(item for i, item in enumerate(items) if i not in held),
        state.sample_rate,
        tuple(sorted({u.language for u in state.utterances})),
        tuple(sorted({u.speaker for u in state.utterances})),
        "+".join(sorted(phone_sets)),
        spec,
        tuple(items[i] for i in sorted(held)),
    )


def _held_out(items: Sequence[TrainingItem], rule: int | list[str]) -> set[int]:
    """Places of the utterances that stay out of the voice."""
    if isinstance(rule, list):
        wanted = set(rule)
        return {k for k, item in enumerate(items) if item.utterance.id in wanted}
    if rule < 0:
        raise ConfigError(f"held_out = {rule} is below 0", where="[voice] held_out")
    return set(range(0, len(items), rule)) if rule else set()


def _fit(state: Build, stage: str, data: TrainingData) -> Path:
    part = state.parts[stage]
    content = [
        [_utterance_key(state, i.utterance), state.frame_paths[i.utterance.id].name]
        for i in (*data.items, *data.held_out)
    ]
    held = [i.utterance.id for i in data.held_out]
    k = key(part.identity(), data.spec.to_dict(), data.phone_set, state.alignments_hash, content, held)
    state.keys[stage] = k

    def make(folder: Path) -> None:
        with state.ctx.working(state.cache.root / "work" / k) as ctx:
            part.new().fit(data, folder, ctx)
        if not any(folder.iterdir()):
            raise SynthkitError(f"{stage} {part.plugin!r} learnt nothing: its folder is empty")

    return state.cache.folder(stage, k, make)
