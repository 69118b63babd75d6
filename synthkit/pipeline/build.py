"""From a corpus to a voice: every stage in turn, each result cached by content, resumable at any point."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from synthkit import __version__, audio
from synthkit.atomic import lock, sha256
from synthkit.config import Config, StageConfig, at_rate
from synthkit.corpora import Corpus, check, open_corpus
from synthkit.errors import ConfigError, CorpusError, SpecMismatch, SynthkitError
from synthkit.pipeline import jobs, store
from synthkit.pipeline.cache import Cache, key
from synthkit.pipeline.components import ComponentRef
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.contract import Bridge, connect, extractor_for, mismatch_tables
from synthkit.plugins import registry
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import Alignment, Segmentation, Utterance


@dataclass
class Build:
    """A build on its way.

    Attributes
    ----------
    config : Config
    corpus : Corpus
    cache : Cache
    ctx : BuildContext
    utterances : list of Utterance
        Those still in the build; stages take out what they cannot use.
    left_out : list of (str, str)
        Ids taken out, each with the reason.
    keys : dict
        Cache key of each stage's result, for the manifest.
    """

    config: Config
    corpus: Corpus
    cache: Cache
    ctx: BuildContext
    sample_rate: int
    utterances: list[Utterance]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    segment_paths: dict[str, Path] = field(default_factory=dict)
    segment_keys: dict[str, str] = field(default_factory=dict)
    alignments: dict[str, Alignment] = field(default_factory=dict)
    alignments_hash: str = ""
    frame_paths: dict[str, Path] = field(default_factory=dict)
    audio_hashes: dict[str, str] = field(default_factory=dict)
    label_hashes: dict[str, str | None] = field(default_factory=dict)
    bridges: list[Bridge] = field(default_factory=list)

    def ref(self, stage: str) -> ComponentRef:
        """The component of `stage`."""
        return ComponentRef.of(stage, self.config.stages[stage])

    def drop(self, stage: str, reasons: dict[str, str]) -> None:
        """Take utterances out of the build and say so; nothing left is an error."""
        if not reasons:
            return
        self.left_out += [(id_, f"{stage}: {reason}") for id_, reason in reasons.items()]
        self.utterances = [u for u in self.utterances if u.id not in reasons]
        self.ctx.log(f"{stage}: {len(reasons)} utterances left out:")
        for id_, reason in list(reasons.items())[:10]:
            self.ctx.log(f"  {id_}: {reason}")
        if len(reasons) > 10:
            self.ctx.log(f"  … and {len(reasons) - 10} more, all listed in the voice's manifest.json")
        if not self.utterances:
            first = next(iter(reasons.values()))
            raise CorpusError(
                f"no utterance is left after {stage}: {first}",
                where=str(self.corpus.root),
                hint="`synthkit corpora check` lists what is wrong with each",
            )


def build(config: Config, out: Path, ctx: BuildContext, cache: Cache | None = None) -> Path:
    """Build the voice of `config` into folder `out`.

    A killed build leaves `out` as it was; the same call goes on from what is cached and ends in the same
    bytes. Utterances that cannot be used are left out, said, and listed in the manifest.

    Raises
    ------
    SynthkitError
        The parts do not fit, the corpus cannot be used, another build of this voice runs, the disk is full.
    """
    from threadpoolctl import threadpool_limits

    # BLAS sums in another order with another number of threads; models choose their own threads by themselves.
    one_thread = threadpool_limits(1, user_api="blas")
    with lock(out.parent / f".{out.name}.lock", f"a build of {out.name!r}"), one_thread:
        state = plan(config, ctx, cache)
        _segment(state)
        _check_phone_set(state)
        _align(state)
        _features(state)
        data = _training_data(state)
        model = _fit(state, "acoustic_model", data)
        vocoder = _fit(state, "vocoder", data) if state.ref("vocoder").get().trainable else None
        store.assemble(state, data, model, vocoder, out)
    return out


def plan(config: Config, ctx: BuildContext, cache: Cache | None = None) -> Build:
    """Open the corpus, take out what cannot be used, and check that the parts fit; no other work is done.

    Raises
    ------
    SynthkitError
        As in `build`.
    """
    state = _start(config, ctx, cache or Cache())
    state.bridges = _check_contract(state)
    return state


def _start(config: Config, ctx: BuildContext, cache: Cache) -> Build:
    corpus = _open(config)
    utterances = list(corpus.utterances)
    if config.voice.limit:
        utterances = utterances[: config.voice.limit]
    ctx.log(f"corpus {corpus.name}: {len(utterances)} utterances")
    hashes = {u.id: _audio_hash(u) for u in utterances}
    bad, rates = _recordings(replace(corpus, utterances=utterances), hashes, cache)
    rate, odd = _sample_rate(config, rates)
    state = Build(_with_sample_rate(config, rate), corpus, cache, ctx, rate, utterances)
    state.drop("corpus", bad | odd)
    state.audio_hashes = {u.id: hashes[u.id] for u in state.utterances}
    state.label_hashes = {u.id: _label_hash(u) for u in state.utterances}
    return state


def _audio_hash(u: Utterance) -> str:
    return f"{sha256(u.audio) if u.audio.is_file() else 'missing'}:{u.start}:{u.end}"


def _label_hash(u: Utterance) -> str | None:
    return sha256(u.labels) if u.labels and u.labels.exists() else None


def _recordings(
    corpus: Corpus, hashes: dict[str, str], cache: Cache
) -> tuple[dict[str, str], dict[str, int]]:
    """What `check` finds wrong, and the other recordings' sample rates, by id.

    Both are remembered by content, since every sample is read for them.
    """
    what = [[u.id, u.text, u.audio.name, hashes[u.id]] for u in corpus.utterances]

    def make(path: Path) -> None:
        bad = {f.id: f.reason for f in check(corpus) if f.severity == "error"}
        rates = {u.id: audio.info(u.audio)[0] for u in corpus.utterances if u.id not in bad}
        path.write_text(json.dumps({"bad": bad, "rates": rates}), encoding="utf-8")

    file = cache.file("checks", key(__version__, "with rates", what), ".json", make)
    found = json.loads(file.read_text(encoding="utf-8"))
    return found["bad"], found["rates"]


def _open(config: Config) -> Corpus:
    name = config.voice.corpus
    folder = config.base / name
    source = str(folder) if ("/" in name or name.startswith(".")) and not Path(name).is_absolute() else name
    return open_corpus(source, language=config.voice.language, layout=config.voice.layout)


def _sample_rate(config: Config, rates: dict[str, int]) -> tuple[int, dict[str, str]]:
    """The voice's rate and, where none is configured, the utterances that have another one."""
    if config.voice.sample_rate:
        return config.voice.sample_rate, {}
    if not rates:
        return 16000, {}
    counts = sorted((list(rates.values()).count(r), r) for r in set(rates.values()))
    rate = counts[-1][1]
    return rate, {
        id_: f"is at {r} Hz, the corpus at {rate} Hz; set voice.sample_rate to resample"
        for id_, r in rates.items()
        if r != rate
    }


def _with_sample_rate(config: Config, rate: int) -> Config:
    """Stages that have a `sample_rate` setting and were not given one take the voice's."""

    def moved(name: str, stage: StageConfig) -> StageConfig:
        return replace(stage, settings=at_rate(stage.settings, rate, where=f"[{name}] {stage.plugin}"))

    voice = config.voice.model_copy(update={"sample_rate": rate})
    return replace(config, voice=voice, stages={n: moved(n, s) for n, s in config.stages.items()})


def _check_contract(state: Build) -> list[Bridge]:
    stages = state.config.stages
    spec = state.ref("features").get().spec
    model = state.ref("acoustic_model").get()
    if not any(wanted.accepts(spec) for wanted in model.consumes):
        names = stages["acoustic_model"].plugin, stages["features"].plugin
        able = (extractor_for(wanted, state.sample_rate, registry()) for wanted in model.consumes)
        found = next((f[0] for f in able if f is not None), None)
        tables = mismatch_tables(spec, model.consumes, f"{names[1]} gives", f"{names[0]} trains on")
        raise SpecMismatch(
            f"acoustic model {names[0]!r} cannot be trained on features {names[1]!r}\n{tables}",
            hint=f'set features.plugin = "{found}"'
            if found
            else "no installed features are what it trains on",
        )
    if spec.sample_rate != state.sample_rate:
        raise ConfigError(
            f"features are at {spec.sample_rate} Hz, the recordings at {state.sample_rate} Hz",
            where="[features] sample_rate",
            hint=f"set voice.sample_rate = {spec.sample_rate} to resample the recordings",
        )
    bridges: list[Bridge] = connect(
        model.produces(spec),
        state.ref("vocoder").get(),
        names=(stages["acoustic_model"].plugin, stages["vocoder"].plugin),
        adapters=stages["vocoder"].adapters,
        settings=state.config.adapters,
        plugins=registry(),
    )
    given = model.produces(spec)
    for bridge in bridges:
        state.ctx.log(f"adapter {bridge.name}: {bridge.adapter.describe(given, bridge.spec)}")
        given = bridge.spec
    errors = [f for stage in stages for f in state.ref(stage).get().check() if f.severity == "error"]
    if errors:
        raise ConfigError("\n".join(str(f) for f in errors), hint="`synthkit doctor` shows every check")
    return bridges


def _segment(state: Build) -> None:
    ref = state.ref("segmentation")
    identity = ref.identity()
    todo: list[jobs.SegmentJob] = []
    for u in state.utterances:
        k = key(identity, u.text, u.language)
        state.segment_keys[u.id] = k
        path = state.segment_paths[u.id] = state.cache.path("segmentation", k, ".json")
        if not path.exists():
            todo.append(jobs.SegmentJob(ref, u, path))
    state.drop("segmentation", _run(state, jobs.run_segment, todo, "segmentation"))


def _check_phone_set(state: Build) -> None:
    """Let the acoustic model refuse the phones before alignment and features are worked on."""
    firsts = {u.language: u for u in reversed(state.utterances)}.values()
    names = {jobs.read_segmentation(state.segment_paths[u.id]).phone_set for u in firsts}
    state.ref("acoustic_model").get().check_phone_set("+".join(sorted(names)))


def _run(state: Build, function: Callable[[Any], str | None], todo: list[Any], label: str) -> dict[str, str]:
    reasons = state.ctx.map(function, todo, label=label)
    return {job.utterance.id: r for job, r in zip(todo, reasons, strict=True) if r is not None}


def _align(state: Build) -> None:
    ref = state.ref("alignment")
    k = key(ref.identity(), [_utterance_key(state, u) for u in state.utterances])
    state.keys["alignment"] = k
    failures: dict[str, str] = {}

    def make(folder: Path) -> None:
        aligner = ref.new()  # a build before this one, in the same process, may have trained the shared one
        items = [(u, jobs.read_segmentation(state.segment_paths[u.id])) for u in state.utterances]
        found = aligner.align(items, state.ctx.at(state.cache.root / "work" / k))
        store.write_alignments(folder, found)
        aligner.save(folder)

    folder = state.cache.folder("alignment", k, make)
    state.alignments, failures = store.read_alignments(folder)
    state.alignments_hash = sha256(folder / store.ALIGNMENTS)
    state.drop("alignment", failures)
    flagged = sum(bool(state.alignments[u.id].flags) for u in state.utterances)
    if flagged:
        state.ctx.log(f"alignment: {flagged} utterances have implausible boundaries (flagged, kept)")


def _utterance_key(state: Build, u: Utterance) -> list[Any]:
    hashes = [state.audio_hashes[u.id], state.segment_keys[u.id], state.label_hashes[u.id]]
    return [u.id, u.speaker, *hashes, state.sample_rate]


def _features(state: Build) -> None:
    ref = state.ref("features")
    identity = ref.identity()
    spec = ref.get().spec
    digest = hashlib.sha256()
    todo: list[jobs.FeatureJob] = []
    for u in state.utterances:
        alignment = state.alignments[u.id]
        k = key(
            identity,
            spec.hash,
            state.audio_hashes[u.id],
            state.sample_rate,
            alignment.to_dict() if ref.get().needs_alignment else None,
        )
        digest.update(k.encode())
        path = state.frame_paths[u.id] = state.cache.path("features", k, ".npz")
        if not path.exists():
            todo.append(jobs.FeatureJob(ref, u, alignment, state.sample_rate, path))
    state.keys["features"] = digest.hexdigest()[:40]
    state.drop("features", _run(state, jobs.run_features, todo, "features"))


def _training_data(state: Build) -> TrainingData:
    spec = state.ref("features").get().spec
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
    every = state.config.voice.held_out
    held = set(range(0, len(items), every)) if every else set()
    if every and len(held) == len(items):
        raise ConfigError("held_out leaves no utterance to build from", where="[voice] held_out")
    return TrainingData(
        tuple(item for i, item in enumerate(items) if i not in held),
        state.sample_rate,
        tuple(sorted({u.language for u in state.utterances})),
        tuple(sorted({u.speaker for u in state.utterances})),
        "+".join(sorted(phone_sets)),
        spec,
        tuple(items[i] for i in sorted(held)),
    )


def _fit(state: Build, stage: str, data: TrainingData) -> Path:
    ref = state.ref(stage)
    content = [
        [_utterance_key(state, i.utterance), state.frame_paths[i.utterance.id].name]
        for i in (*data.items, *data.held_out)
    ]
    held = [i.utterance.id for i in data.held_out]
    k = key(ref.identity(), data.spec.to_dict(), data.phone_set, state.alignments_hash, content, held)
    state.keys[stage] = k

    def make(folder: Path) -> None:
        work = state.ctx.at(state.cache.root / "work" / k)
        ref.new().fit(data, folder, work)
        if not any(folder.iterdir()):
            raise SynthkitError(f"{stage} {ref.plugin!r} learnt nothing: its folder is empty")

    return state.cache.folder(stage, k, make)
