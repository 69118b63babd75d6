# SPDX-License-Identifier: Apache-2.0
"""What will fail or be worthless, found before training: every finding names what would have happened and its
mend.

`of_settings` needs the settings alone, `of_data` the corpus too. What a trained voice can be asked for is in
``trained.py``; ``coqui_checks.py`` asks the same of coqui-tts's own configs.
"""

from __future__ import annotations

import difflib
import os
from collections import Counter
from importlib.util import find_spec
from typing import Any

from synthkit.dsp.specs import MelSpec
from synthkit.plugins import registry
from synthkit.stages import TrainingData
from synthkit.types import Finding
from synthkit.types.finding import MISSING
from synthkit_coqui.architectures.base import Architecture
from synthkit_coqui.history import USEFUL_PEAK
from synthkit_coqui.learner import learning_rate
from synthkit_coqui.pins import install_line
from synthkit_coqui.plan import LONG, SOME, lasting, peak
from synthkit_coqui.settings import AcousticSettings, TrainSettings, VocoderSettings

SMALLEST_RATE = 1e-6
NEEDED = {"torch": "torch", "coqui-tts": "TTS"}
"""Distribution and module."""


def of_installed(kind: str) -> list[Finding]:
    """What training needs and weights that are taken do not: torch and coqui-tts. Neither is imported."""
    lacking = [name for name, module in NEEDED.items() if find_spec(module) is None]
    if not lacking:
        return []
    mend = install_line() if "torch" not in lacking else f"pip install torch, then {install_line()}"
    return [Finding("error", MISSING, f"training {kind!r} needs {' and '.join(lacking)}", mend=mend)]


def of_settings(architecture: Architecture, s: TrainSettings) -> list[Finding]:
    """Learning-rate plan, device, precision and segment of a configuration."""
    found = _rate_plan(architecture, s) + _device(architecture, s) + _recogniser(s)
    if isinstance(s, VocoderSettings) and s.discriminator_from >= s.steps:
        found.append(
            Finding(
                "warning",
                "discriminator-never-joins",
                f"the discriminator joins at step {s.discriminator_from}, training ends at {s.steps}",
                "the vocoder is trained on its spectral losses alone and sounds buzzy",
                f"discriminator_from = {s.steps // 5}",
                "vocoder.discriminator_from",
            )
        )
    return found


def _recogniser(s: TrainSettings) -> list[Finding]:
    known = registry().names("metric")
    if not s.recogniser or s.recogniser in known:
        return []
    close = difflib.get_close_matches(s.recogniser, known, 1)
    mend = f'recogniser = "{close[0] if close else "whisper"}"'
    return [
        Finding("error", "unknown-recogniser", f"there is no metric {s.recogniser!r}",
                "no validation would tell character errors", mend, "recogniser")
    ]  # fmt: skip


def _rate_plan(architecture: Architecture, s: TrainSettings) -> list[Finding]:
    warmup = s.warmup()
    highest = peak(s, s.steps)
    where = "acoustic_model" if architecture.reads_text else "vocoder"
    planned_later = ", before max_minutes plans fewer" if s.max_minutes is not None else ""
    plan = (
        f"learning rate: warm-up {warmup} of {s.steps} steps{planned_later}, peak {highest:.2e}, at the end "
        f"{learning_rate(s, s.steps - 1):.2e}"
    )
    if highest < USEFUL_PEAK * s.lr:
        return [
            Finding(
                "error",
                "learning-rate-never-arrives",
                f"{plan}; lr = {s.lr:g} is never reached",
                f"the model trains all {s.steps} steps at a rate at which it hardly learns",
                f"warmup_steps = {max(1, s.steps // 10)}",
                f"{where}.warmup_steps",
            )
        ]
    if highest < SMALLEST_RATE:
        return [
            Finding(
                "error",
                "learning-rate-too-small",
                plan,
                "the weights do not move; the model learns nothing for ever",
                f"lr = {type(s)().lr:g}",
                f"{where}.lr",
            )
        ]
    if s.lr > 1e-2:
        return [
            Finding(
                "warning",
                "learning-rate-large",
                plan,
                "the loss is likely to become infinite",
                "lr = 1e-3",
                f"{where}.lr",
            )
        ]
    return [Finding("note", "learning-rate", plan, where=f"{where}.lr")]


def _device(architecture: Architecture, s: TrainSettings) -> list[Finding]:
    import torch

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    found = []
    if s.device.startswith("cuda") and not gpus:
        found.append(
            Finding("error", "no-gpu", f"device = {s.device!r}, and torch sees no GPU",
                    "training would not start",
                    'device = "auto"', "device")
        )  # fmt: skip
    on_cpu = s.device == "cpu" or (s.device == "auto" and not gpus)
    if on_cpu and s.precision == "fp16":
        found.append(
            Finding(
                "error",
                "half-on-cpu",
                "precision = 'fp16' on a CPU",
                "fp16 does not train there",
                'precision = "auto"',
                "precision",
            )
        )
    if on_cpu and s.precision == "bf16":
        found.append(
            Finding("warning", "half-on-cpu", "precision = 'bf16' on a CPU",
                    "most CPUs are slower at it than at float32",
                    'precision = "auto"', "precision")
        )  # fmt: skip
    if s.gpus > 1 and s.device == "cpu":
        found.append(
            Finding("warning", "processes-on-cpu",
                    f"gpus = {s.gpus} with device = 'cpu': as many processes share the cores",
                    "it rehearses a training on several GPUs; it is no faster than one process", "gpus = 1",
                    "gpus")
        )  # fmt: skip
    elif s.gpus > max(1, gpus):
        found.append(
            Finding("error", "too-few-gpus", f"gpus = {s.gpus}, and torch sees {gpus}",
                    "torchrun would not start",
                    f"gpus = {max(1, gpus)}", "gpus")
        )  # fmt: skip
    return found + ([_time(architecture, s)] if on_cpu else [])


def _time(architecture: Architecture, s: TrainSettings) -> Finding:
    """How long a CPU will take, before anything can be measured: the plan after the first steps is of this
    machine."""
    seconds = architecture.step_seconds.get(s.preset, 0.0) * s.batch_size / 4
    whole = s.steps * seconds
    said = f"{architecture.kind} {s.preset} on a CPU: about {seconds:.2g} s a step of {s.batch_size}"
    if s.max_minutes is not None:
        steps = min(s.steps, int(60 * s.max_minutes / max(seconds, 1e-9)))
        smaller = (
            "; if it does, batches are made smaller, so that more fit" if steps < min(SOME, s.steps) else ""
        )
        return Finding("note", "time",
                       f"{said}; max_minutes = {s.max_minutes:g} holds about {steps} of {s.steps} steps"
                       f"{smaller}",
                       where="max_minutes")  # fmt: skip
    if whole <= LONG:
        return Finding("note", "time", f"{said}, {lasting(whole)} for {s.steps} steps", where="steps")
    fitting = [
        name
        for name in ("small", "tiny")
        if s.steps * architecture.step_seconds.get(name, 0.0) * s.batch_size / 4 <= LONG
    ]
    cheaper = (
        f'preset = "{fitting[0]}"'
        if fitting and s.preset == "default"
        else f"max_minutes = {round(LONG / 60)}"
    )
    other = ', or plugin = "parametric", which is made for a CPU' if architecture.reads_text else ""
    return Finding("warning", "slow", said, f"{s.steps} steps take about {lasting(whole)}",
                   f"{cheaper}, a machine with a GPU{other}", "steps")  # fmt: skip


def of_data(architecture: Architecture, s: TrainSettings, data: TrainingData) -> list[Finding]:
    """The corpus against the settings: speakers, languages, lengths, memory, segments."""
    found: list[Finding] = []
    lengths = {i.utterance.id: _seconds(i) for i in data.items}
    long = [name for name, seconds in lengths.items() if seconds > s.max_seconds]
    if long:
        every = sum(lengths.values())
        left = every - sum(lengths[name] for name in long)
        found.append(
            Finding("warning", "too-long",
                    f"{len(long)} recordings are longer than {s.max_seconds:g} s: {', '.join(long[:3])}…",
                    "they are left out, since one of them would fix the memory of its whole batch; "
                    f"{left / 60:.1f} min of {every / 60:.1f} are learned from",
                    f"max_seconds = {max(lengths.values()):.0f}", "max_seconds")
        )  # fmt: skip
    usable = len(lengths) - len(long)
    if usable < 1:
        found.append(
            Finding("error", "nothing-to-train-on", f"no recording is shorter than {s.max_seconds:g} s",
                    "nothing is trained",
                    f"max_seconds = {max(lengths.values(), default=20):.0f}", "max_seconds")
        )  # fmt: skip
    elif usable < s.batch_size * s.gpus:
        found.append(
            Finding("warning", "batch-larger-than-corpus",
                    f"batch_size = {s.batch_size}, {usable} usable recordings",
                    "every step sees the whole corpus", f"batch_size = {max(1, usable // 4)}", "batch_size")
        )  # fmt: skip
    found += _memory(
        architecture, s, max([v for k, v in lengths.items() if k not in long], default=0.0), data.sample_rate
    )
    if isinstance(s, AcousticSettings):
        found += _speakers(architecture, s, data) + _languages(architecture, s, data)
    if isinstance(s, VocoderSettings):
        found += _segments(s, data, lengths)
    return found + architecture.of_data(s, data)


def _seconds(item: Any) -> float:
    return item.alignment.duration or sum(p.duration for p in item.alignment.phones)


def _memory(architecture: Architecture, s: TrainSettings, longest: float, sample_rate: int) -> list[Finding]:
    import torch

    need = architecture.needed(s, longest, sample_rate)
    if torch.cuda.is_available() and s.device != "cpu":
        have, what = torch.cuda.get_device_properties(0).total_memory, "the GPU"
    else:
        have, what = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), "this machine"
    if need <= 0.9 * have:
        return []
    return [
        Finding("warning", "memory", f"a batch of {s.batch_size} with {longest:.0f} s recordings needs about "
                f"{need / 2**30:.0f} GiB, {what} has {have / 2**30:.0f}",
                "training stops when the first long batch comes",
                f"batch_size = {max(1, int(s.batch_size * 0.8 * have / need))}", "batch_size")
    ]  # fmt: skip


def _speakers(architecture: Architecture, s: AcousticSettings, data: TrainingData) -> list[Finding]:
    count = len(data.speakers)
    found: list[Finding] = []
    if count > 1 and s.speakers == "none":
        found.append(
            Finding("warning", "speakers-mixed", f"the corpus has {count} speakers and speakers = \"none\"",
                    "the voice speaks as an average of them all", 'speakers = "embedding"', "speakers")
        )  # fmt: skip
    if s.speakers == "d-vector":
        if s.speaker_encoder not in registry().names("speaker_encoder"):
            known = ", ".join(registry().names("speaker_encoder")) or "none"
            found.append(
                Finding("error", "no-speaker-encoder",
                        f"no speaker encoder {s.speaker_encoder!r} is installed (there is: {known})",
                        "there would be no d-vectors to train on", "pip install synthkit-speaker",
                        "speaker_encoder")
            )  # fmt: skip
        if count < 2:
            breaks = architecture.breaks_on_one_d_vector
            severity = "error" if breaks else "warning"
            what = "training succeeds and synthesis crashes" if breaks else "a clone sounds like that speaker"
            found.append(
                Finding(severity, "one-speaker-d-vector", "d-vectors of one speaker", what,
                        'speakers = "none", or a corpus of several speakers', "speakers")
            )  # fmt: skip
        elif count < 8:
            found.append(
                Finding("warning", "few-speakers", f"d-vectors of {count} speakers",
                        "clones will sound like one of them",
                        "train on more speakers; dozens are needed to speak as a stranger", "speakers")
            )  # fmt: skip
    for name, number in Counter(i.utterance.speaker for i in data.items).items():
        if number < 5 and count > 1:
            found.append(
                Finding("warning", "rare-speaker", f"speaker {name!r} has {number} recordings",
                        "its voice is hardly learned",
                        "record more of it, or leave it out", "speakers")
            )  # fmt: skip
    return found


def _languages(architecture: Architecture, s: AcousticSettings, data: TrainingData) -> list[Finding]:
    if len(data.languages) < 2:
        return []
    names = ", ".join(data.languages)
    if not architecture.takes_languages:
        return [
            Finding("warning", "languages-unused",
                    f"{architecture.kind} has no language embedding; the corpus is {names}",
                    "accents of the languages mix where they share phones", 'plugin = "vits"',
                    "acoustic_model.plugin")
        ]  # fmt: skip
    if s.languages == "none":
        return [
            Finding("warning", "languages-unused", f"languages = \"none\" with a corpus of {names}",
                    "accents of the languages mix where they share phones", 'languages = "embedding"',
                    "languages")
        ]  # fmt: skip
    return []


def _segments(s: VocoderSettings, data: TrainingData, lengths: dict[str, float]) -> list[Finding]:
    if not MelSpec.demand().accepts(data.spec):
        return []
    mel = MelSpec.of(data.spec)
    hop, n_fft = mel.hop_length, mel.n_fft
    found = []
    if s.segment % hop or s.segment <= n_fft:
        fits = max(hop * -(-2 * n_fft // hop), round(s.segment / hop) * hop)
        found.append(
            Finding("error", "segment-does-not-fit",
                    f"segment = {s.segment} samples with a hop of {hop} and windows of {n_fft}",
                    "frames and samples of a training example would not belong together", f"segment = {fits}",
                    "vocoder.segment")
        )  # fmt: skip
    short = sum(seconds * data.sample_rate < s.segment for seconds in lengths.values())
    if short > len(lengths) // 4:
        found.append(
            Finding("warning", "segments-padded",
                    f"{short} recordings are shorter than a segment ({s.segment} samples)",
                    "much of what the vocoder sees is padding",
                    f"segment = {max(2 * n_fft // hop * hop, s.segment // 2 // hop * hop)}",
                    "vocoder.segment")
        )  # fmt: skip
    return found
