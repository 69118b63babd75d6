# SPDX-License-Identifier: Apache-2.0
"""Tiny training data: a few utterances of the bundled Russian corpus, phones from its own labels; runs on
them."""

from __future__ import annotations

import dataclasses
import logging
from functools import partial
from pathlib import Path
from typing import Any

from synthkit.audio import read
from synthkit.corpora import open_corpus
from synthkit.labels import read_alignment
from synthkit.pipeline.context import BuildContext
from synthkit.pipeline.executors import SerialExecutor
from synthkit.plugins import registry
from synthkit.progress import Progress
from synthkit.stages import TrainingData, TrainingItem
from synthkit.types import PAUSE, Alignment, Frames, Phone, Segmentation, Utterance, Waveform, Word


class Told(Progress):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(enabled=False)
        self.lines: list[str] = []

    def log(self, message: str) -> None:
        self.lines.append(message)


def context(work: Path) -> BuildContext:
    work.mkdir(parents=True, exist_ok=True)
    return BuildContext(SerialExecutor(), Told(), work)


def segmentation_of(utterance: Utterance, alignment: Alignment) -> Segmentation:
    """One "word" per stretch between pauses: enough for models that read phones."""
    words: list[Word] = []
    run: list[Phone] = []
    for interval in alignment.phones:
        if interval.label == PAUSE:
            if run:
                words.append(Word(f"w{len(words)}", tuple(run), break_after=2))
            run = []
        else:
            run.append(Phone(interval.label))
    if run:
        words.append(Word(f"w{len(words)}", tuple(run)))
    last = dataclasses.replace(words[-1], break_after=3, punctuation=".")
    return Segmentation(utterance.text, "ru", "msu-ru", (*words[:-1], last))


def mel_extractor(**settings):
    kind = registry().load("features", "mel")
    return kind(kind.Config(**{"sample_rate": 16000, **settings}))


def waveform_of(utterance: Utterance, rate: int, seconds: float) -> Waveform:
    wave = read(utterance.audio, rate)
    return Waveform(wave.samples[: int(seconds * rate)], rate)


def frames_of(utterance: Utterance, seconds: float, settings: tuple) -> Frames:
    extractor = mel_extractor(**dict(settings))
    return extractor.extract(waveform_of(utterance, 16000, seconds))


def cut(alignment: Alignment, seconds: float) -> Alignment:
    kept = tuple(p for p in alignment.phones if p.end <= seconds)
    return dataclasses.replace(alignment, phones=kept, duration=min(seconds, alignment.duration), words=())


def make_data(
    count: int = 6,
    held_out: int = 1,
    seconds: float = 1.2,
    speakers: tuple[str, ...] = ("one",),
    languages: tuple[str, ...] = ("ru",),
    **settings,
) -> TrainingData:
    """The first `seconds` of `count` utterances; speakers and languages are dealt out in turn."""
    utterances = sorted(open_corpus("bundled-ru").utterances, key=lambda u: u.id)[: count + held_out]
    items = []
    for index, utterance in enumerate(utterances):
        utterance = dataclasses.replace(
            utterance, speaker=speakers[index % len(speakers)], language=languages[index % len(languages)]
        )
        alignment = cut(read_alignment(utterance.labels), seconds)
        items.append(
            TrainingItem(
                utterance,
                segmentation_of(utterance, alignment),
                alignment,
                partial(waveform_of, utterance, 16000, seconds),
                partial(frames_of, utterance, seconds, tuple(settings.items())),
            )
        )
    spec = mel_extractor(**settings).spec
    return TrainingData(
        tuple(items[:count]), 16000, languages, speakers, "msu-ru", spec, tuple(items[count:])
    )


TINY = {
    "preset": "tiny",
    "threads": 1,
    "batch_size": 2,
    "log_every": 1,
    "checkpoint_every": 2,
    "validate_every": 1000,
}
VOCODERS = ("coqui-hifigan", "coqui-mb-melgan")


def component(kind: str, **settings: Any) -> Any:
    """A component of the plugin with the settings of `TINY` and `settings` over them."""
    found = registry().load("vocoder" if kind in VOCODERS else "acoustic_model", kind)
    return found(found.Config(**{**TINY, **settings}))


def run_folder(folder: Path, kind: str, data: TrainingData, **settings: Any) -> Path:
    """A prepared run, as `fit` leaves it for the training process."""
    from synthkit_coqui import launch
    from synthkit_coqui.corpus import prepare

    part = component(kind, **settings)
    voice = part._describe(data)
    tokens = {} if kind in VOCODERS else {i.utterance.id: part._tokens(i) for i in data.items}
    prepare(
        data, folder / "data", context(folder), symbols=voice.symbols, tokens=tokens, with_mel=kind != "vits"
    )
    launch.write_run(folder, voice, part.config)
    return folder


def trained(folder: Path, until: int) -> Any:
    """The run in `folder` after the steps to `until`."""
    from synthkit_coqui.run import Run

    run = Run(folder)
    run.begin()
    run.train(until)
    return run


def weights(folder: Path) -> bytes:
    """The model's bytes in the run's last checkpoint."""
    from synthkit_coqui.checkpoints import latest

    newest = latest(folder / "checkpoints")
    assert newest is not None
    return (newest / "model.safetensors").read_bytes()


def bare_trainer(run: Any, steps: int, out: Path, **config: Any) -> Any:
    """coqui-tts's own Trainer 0.4.0 over the model of `run` and the batches it would take; ready for
    `train_epoch`.

    It prints, evaluates and saves nothing. ``trainer.rates`` gets the learning rate applied in each step.
    """
    learner = run.learner
    learner.initialise(run.make(0, run.batches.at(0)))
    batches = [run.make(s, run.batches.at(s)) for s in range(steps)]
    from trainer import Trainer, TrainerArgs

    rates: list[float] = []

    class Bare(type(learner.model)):  # type: ignore[misc]
        def get_data_loader(self, *args: Any, **kwargs: Any) -> Any:
            return batches

        def format_batch(self, batch: Any) -> Any:
            return batch

        def on_train_step_start(self, of: Any) -> None:
            rates.append(of.optimizer[0].param_groups[0]["lr"])

        def train_log(self, *args: Any, **kwargs: Any) -> None:
            return None

    model = learner.model
    model.__class__ = Bare
    model.run_data_dep_init = False
    never = 10**6
    settings = {
        "epochs": 1, "batch_size": run.settings.batch_size, "run_eval": False, "test_delay_epochs": 10,
        "print_step": never, "plot_step": never, "log_model_step": never, "save_step": never,
        "save_best_after": never, "save_checkpoints": False, "mixed_precision": False,
        "data_dep_init_steps": 0, **config,
    }  # fmt: skip
    for name, value in settings.items():
        if name in model.config:
            setattr(model.config, name, value)
    bare = Trainer(
        TrainerArgs(),
        model.config,
        output_path=out,
        model=model,
        train_samples=batches,
        eval_samples=batches[:1],
    )
    log = logging.getLogger("trainer")
    for handler in log.handlers[:]:  # the file that each Trainer adds
        log.removeHandler(handler)
        handler.close()
    bare.keep_avg_train = None
    bare.train_loader = batches
    bare.rates = rates
    return bare
