# SPDX-License-Identifier: Apache-2.0
"""How a voice comes by its weights: by training, from chance or on from others, or as they are."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from synthkit.atomic import write_text
from synthkit.earlier import check_features, check_phone_set, check_phones, tell_taken
from synthkit.linguistic import N_BOUNDARY, N_FEATURES
from synthkit.pipeline.voice_folder import MANIFEST, read_manifest
from synthkit.stages import AcousticModel, Context, TrainingData
from synthkit.taught import torch_device
from synthkit.trained import pretrained_folder
from synthkit.types import FeatureSpec, Waveform
from synthkit_parametric import speaking
from synthkit_parametric.hearing import plain_vocoder, sentences
from synthkit_parametric.shared import SHARED, alike, in_terms_of, to_shared, whole
from synthkit_parametric.sharpening import Variation, apart, ratio
from synthkit_parametric.starting import carried
from synthkit_parametric.timing import steps
from synthkit_parametric.voice import Scales, Shape, TrainedVoice, columns

A = TypeVar("A")
B = TypeVar("B")
BUNDLED = Path(__file__).parent / "data"
"""Weights that come with the plugin, a folder each."""
BESIDE = {
    "nsh": {"ru": {"also_from": "several"}},
    "several": {"ru": {"also_from": "nsh"}},
    "five": {"ru": {"also_from": "nsh"}},
}
"""What voices of a language that begin with them have set as well."""
ADAPTED_STEPS = 600
"""Of a voice of few recordings: with half as many, words are understood less well and so is who speaks
(docs/parametric.md)."""
LICENCE = "LICENCE.txt"
"""Of the recordings that weights were learned from; it goes along with what is made of them."""
CHANCE = "chance"
"""Names no weights: a network beside others that begins as in a training without any."""
PRETRAINED, STARTED = "[acoustic_model] pretrained", "[acoustic_model] start_from"
ALSO = "[acoustic_model] also_from"


def default_steps(seconds: float, *, warm: bool = False) -> int:
    """Training steps for an amount of speech: many rounds through little, fewer through much; a third of them
    where the weights begin `warm`, as those of another voice."""
    return int(np.clip(round(45 * math.sqrt(seconds) * (1 / 3 if warm else 1)), 300, 20000))


def train(
    config: Any,
    starts: Sequence[TrainedVoice | None],
    data: TrainingData,
    prepared: Any,
    ctx: Context,
    speaking_with: Callable[[TrainedVoice], AcousticModel],
) -> TrainedVoice:
    """Everything of `fit` that needs torch, from the weights of each of `starts` (None: from chance), or once
    from chance where there are none; `speaking_with` gives the model that speaks with weights as they are."""
    spec, where = data.spec, columns(data.spec)
    shape = Shape(
        symbols=len(prepared.symbols),
        features=N_FEATURES,
        boundary=N_BOUNDARY,
        outputs=max(s.stop for s in where.values()),
        speakers=len(data.speakers),
        channels=config.channels,
        encoder_layers=config.encoder_layers,
        decoder_layers=config.decoder_layers,
        lstm=config.lstm,
        reduction=config.reduction,
        languages=len(data.languages) if len(data.languages) > 1 else 0,
    )
    taught = config.steps or default_steps(prepared.seconds, warm=bool(starts))
    made: dict[str, Any] = {
        "utterances": len(prepared.examples),
        "minutes": round(prepared.seconds / 60, 2),
        "steps": taught,
        "seed": config.seed,
    }
    made["heard"] = [i.utterance.id for i in data.items]
    if starts:
        made["start_from"] = config.start_from
        made["heard"] = sorted({*made["heard"], *(i for s in starts if s for i in s.made.get("heard", ()))})
    if len(starts) > 1:
        made["also_from"] = config.also_from

    def made_of(
        weights: Sequence[dict[str, np.ndarray]], scales: Scales, made: dict[str, Any]
    ) -> TrainedVoice:
        return TrainedVoice(
            shape,
            spec,
            prepared.symbols,
            data.phone_set,
            data.languages,
            data.speakers,
            scales,
            weights[0],
            made,
            tuple(weights[1:]),
        )

    def speaker(weights: dict[str, np.ndarray]) -> AcousticModel:
        return speaking_with(made_of([weights], prepared.scales, {}))

    weights = []
    for number, start in enumerate(starts or [None]):
        name = (config.start_from, *config.beside)[number]
        within = Within(ctx, ctx.work / ("also" if number == 1 else f"also-{number + 1}")) if number else ctx
        weights.append(_taught(config, name, start, shape, taught, data, prepared, within, speaker))
    return made_of(weights, with_spread(weights, prepared, shape, spec), made)


def _taught(
    config: Any,
    name: str,
    start: TrainedVoice | None,
    shape: Shape,
    count: int,
    data: TrainingData,
    prepared: Any,
    ctx: Context,
    speaker: Callable[[dict[str, np.ndarray]], AcousticModel],
) -> dict[str, np.ndarray]:
    """Weights after `count` steps that begin with those of `start`, whose name is `name`."""
    import torch

    from synthkit_parametric import training
    from synthkit_parametric.model import Parametric

    spec = data.spec
    plan = training.Plan(
        steps=count,
        batch_frames=config.batch_frames,
        rate=config.rate,
        decay=config.decay,
        seed=config.seed,
        checkpoint_seconds=config.checkpoint_seconds,
    )
    device = torch_device(config.device)
    torch.manual_seed(config.seed)
    sounds = alike(prepared.symbols) if data.phone_set == SHARED else None
    model = Parametric(shape, config.dropout, None if sounds is None else torch.from_numpy(sounds))
    if start:
        own = {k: v.numpy() for k, v in model.state_dict().items()}
        same = start.spec.hash == spec.hash
        begun, taken = carried(own, start, shape, prepared.symbols, prepared.scales, frames=same)
        model.load_state_dict({k: torch.from_numpy(v) for k, v in begun.items()})
        ctx.log(f"parametric: {taken} of {len(own)} weights begin as those of {name!r}")
    if config.learn == "speaker":
        for part, weight in model.named_parameters():
            weight.requires_grad_(part == "encoder.speaker.weight")
    ids = ",".join(i.utterance.id for i in data.items)
    learning = {k: v for k, v in asdict(plan).items() if k != "checkpoint_seconds"}
    about = [
        asdict(shape),
        learning,
        config.dropout,
        config.learn,
        spec.hash,
        prepared.scales.mean.tolist(),
        ids,
    ]
    if start:
        about.append([start.made, hashlib.sha256(start.weights["decoder.out.weight"].tobytes()).hexdigest()])
    identity = hashlib.sha256(json.dumps(about).encode()).hexdigest()
    trainer = training.Trainer(model, plan, identity, device)
    ctx.log(
        f"parametric: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} million weights, "
        f"{len(prepared.examples)} utterances, {prepared.seconds / 60:.1f} min, {plan.steps} steps "
        f"on {device}"
    )
    vocoder = plain_vocoder(spec)

    def hear() -> dict[str, tuple[str, Waveform]]:
        assert vocoder is not None
        return sentences(speaker(whole(trainer.weights(), sounds)), prepared.symbols, data, vocoder)

    training.train(
        trainer, prepared.examples, prepared.scales, columns(spec),
        hop=spec.frame_period, checkpoint=ctx.work / "checkpoint.safetensors", ctx=ctx,
        hear=hear if vocoder is not None else None,
    )  # fmt: skip
    return whole(trainer.weights(), sounds)


@dataclass(frozen=True)
class Within:
    """A context whose work is kept in a folder of its own: two trainings share neither a checkpoint nor the
    course that `synthkit.learning` keeps of each."""

    ctx: Context
    work: Path

    def __post_init__(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)

    def map(self, function: Callable[[A], B], items: Sequence[A], *, label: str) -> Iterator[B]:
        """See `Context.map`."""
        return self.ctx.map(function, items, label=label)

    def track(
        self, items: Iterable[A], *, label: str, total: int | Callable[[], int] | None = None
    ) -> Iterator[A]:
        """See `Context.track`."""
        return self.ctx.track(items, label=label, total=total)

    def log(self, message: str) -> None:
        """See `Context.log`."""
        self.ctx.log(message)


def pretrained(name: str, where: str = PRETRAINED) -> TrainedVoice:
    """The trained weights of that name, or in that folder.

    Raises
    ------
    VoiceError
        There are none, or they cannot be read.
    """
    folder = pretrained_folder(
        name, BUNDLED, where=where, otherwise="acoustic_model of a built parametric voice"
    )
    return TrainedVoice.load(folder)


def bring_licence(names: Sequence[str], folder: Path) -> None:
    """Put the licences of the weights of those names, where they have one, into the folder of what is made of
    them; of a voice's weights, what its manifest says of its recordings too."""
    lines: list[str] = []
    for name in names:
        weights = pretrained_folder(name, BUNDLED, where=STARTED, otherwise="a built parametric voice")
        if (weights / LICENCE).is_file():
            lines.append((weights / LICENCE).read_text(encoding="utf-8"))
        if (weights.parent / MANIFEST).is_file():
            manifest = read_manifest(weights.parent)
            of = manifest["corpus"]
            whose = (
                ", ".join(filter(None, (of["attribution"], of["licence"]))) or "nobody has stated a licence"
            )
            lines.append(
                f"Begun with the voice {manifest['name']}, of recordings of {of['name']}: {whose}.\n"
            )
    if lines:
        write_text(folder / LICENCE, "".join(lines))


def begun(name: str, data: TrainingData, where: str = STARTED) -> TrainedVoice:
    """Trained weights to begin with, when they are of the phone set of `data`, and of its features or of
    those of another kind (mel for WORLD): frames that are almost alike are a mistake.

    Raises
    ------
    SpecMismatch
        They are not.
    VoiceError
        There are none, or they cannot be read.
    """
    voice = pretrained(name, where)
    if data.phone_set == SHARED:
        voice = to_shared(voice)
    elif voice.phone_set == SHARED:
        voice = in_terms_of(voice, data, new=True)
    if voice.spec.kind == data.spec.kind:
        check_features(name, voice.spec, data.spec, where=where)
    check_phone_set(name, voice.phone_set, data.phone_set, where=where)
    return voice


def taken(name: str, data: TrainingData, ctx: Context) -> TrainedVoice:
    """Trained weights, when they are of the features of `data` and know its phones."""
    voice = pretrained(name)
    if voice.phone_set == SHARED:
        voice = in_terms_of(voice, data)
    check_features(name, voice.spec, data.spec, where=PRETRAINED)
    check_phone_set(name, voice.phone_set, data.phone_set, where=PRETRAINED)
    check_phones(name, voice.symbols, data, where=PRETRAINED)
    tell_taken("parametric", name, voice.made, data, ctx)
    return voice


def with_spread(
    weights: Sequence[dict[str, np.ndarray]], prepared: Any, shape: Shape, spec: FeatureSpec
) -> Scales:
    """Measure how much smoother predicted speech is than natural, over up to forty training utterances."""
    examples, where = prepared.examples[:: max(len(prepared.examples) // 40, 1)], columns(spec)
    natural, smooth = np.zeros(shape.outputs), np.zeros(shape.outputs)
    changes, slower = Variation(shape.outputs), Variation(shape.outputs)
    for e in examples:
        who = np.zeros(shape.speakers + shape.languages, np.float32)
        who[e.speaker] = 1.0
        if shape.languages:
            who[shape.speakers + e.language] = 1.0
        encoded, _ = speaking.encode_all(weights, e.symbols, e.features, who)
        index, places = steps(e.edges, spec.frame_period, shape.reduction, len(e.frames))
        out = speaking.decode_all(weights, encoded, index, places, shape.outputs)[: len(e.frames)]
        speech = ~e.silent[index.repeat(shape.reduction)[: len(e.frames)]]
        if not speech.any():  # nothing but pauses
            continue
        natural += e.frames[speech].var(axis=0)
        smooth += out[speech].var(axis=0)
        for found, frames in ((changes, e.frames), (slower, out)):
            found.add(apart(frames * prepared.scales.std, where), speech)
    spread = np.sqrt(natural / np.maximum(smooth, 1e-6)).clip(1.0, 3.0).astype(np.float32)
    modulation = ratio(changes, slower)
    if modulation is None:  # too short to tell: it speaks as is predicted
        modulation = np.ones(changes.power.shape, np.float32)
    return replace(prepared.scales, spread=spread, modulation=modulation)
