# SPDX-License-Identifier: Apache-2.0
"""A voice of a clip or a few: the weights of a base, of which the speaker's code alone is learned; and how
near it comes."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tomli_w

from synthkit import audio
from synthkit.atomic import sweep, write_text
from synthkit.corpora.owners import LICENCE
from synthkit.errors import AudioError, ConfigError
from synthkit.paths import read_text
from synthkit.pipeline import adapting, config
from synthkit.pipeline.build import build
from synthkit.pipeline.context import BuildContext
from synthkit.stages import SpeakerEncoder
from synthkit.types import Waveform

STEPS, RATE = 100, 0.02
"""Of the training of a code, which has little to learn."""


def transcript_of(clip: Path, said: str | None) -> str:
    """What is said in a clip: `said`, or the text that lies beside it under its name with ``.txt``.

    Parameters
    ----------
    clip : Path
    said : str or None

    Returns
    -------
    str

    Raises
    ------
    ConfigError
        Neither is there.
    """
    beside = clip.with_suffix(".txt")
    text = said if said is not None else read_text(beside, ConfigError) if beside.is_file() else ""
    if not text.strip():
        raise ConfigError(
            "what is said in the clip has to be known, for the sounds to be found in it",
            where=str(clip),
            hint=f"say it with --transcript, or write it into {beside.name} beside the clip; "
            "`synthkit corpora transcribe` makes one by a recogniser",
        )
    return " ".join(text.split())


def voice_of(
    base: adapting.Base,
    clips: Sequence[tuple[Path, str]],
    language: str | None,
    out: Path,
    ctx: BuildContext,
    agreed: str = "",
) -> Path:
    """Build a voice of transcribed clips, of which the base's network learns the speaker's code alone.

    Parameters
    ----------
    base : Base
    clips : sequence of (Path, str)
        Recordings and what is said in them.
    language : str, optional
        That of the base if left out, where it has one.
    out : Path
        Of the voice; the clips are copied beside it, into ``NAME-clips``.
    ctx : BuildContext
    agreed : str
        The line in which whoever speaks in the clips agrees (`synthkit.corpora.owners.consent`); it stays
        with the voice.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    SynthkitError
        A clip cannot be read or used, or the base does not fit.
    """
    folder = out.parent / f"{out.name}-clips"
    (folder / "wavs").mkdir(parents=True, exist_ok=True)
    sweep(folder, below=True)
    lines = []
    for number, (path, text) in enumerate(clips, 1):
        audio.write(folder / "wavs" / f"clip{number}.wav", audio.read(path))
        lines.append(f"clip{number}|{text}|{text}")
    write_text(folder / "metadata.csv", "\n".join(lines) + "\n")
    if agreed:
        write_text(folder / LICENCE, agreed + ".\n")
    made = tomllib.loads(adapting.draft(folder, base, language).text)
    made["voice"]["name"] = out.name
    many = (base.learned.settings, *base.learned.settings_in.values())
    for setting in {name for settings in many for name in settings}:  # which a clip is too little for
        made["acoustic_model"].pop(setting, None)
    made["acoustic_model"] |= {"learn": "speaker", "steps": STEPS, "rate": RATE}
    write_text(folder / adapting.FILE, tomli_w.dumps(made))
    return build(config.load(folder / adapting.FILE), out, ctx)


@dataclass(frozen=True)
class Likeness:
    """How like the speaker of the clips a result sounds: cosines of speaker embeddings.

    Attributes
    ----------
    result : float or None
        Of the result and the clips; None where no speech is heard in the result.
    own : float or None
        Of the clips' own parts to each other; None where they are too short to be parted.
    same, different : float or None
        What two recordings of one speaker and of two give on average, as far as the encoder says it.
    """

    result: float | None
    own: float | None
    same: float | None
    different: float | None

    @property
    def near(self) -> bool:
        """Whether it is within a quarter of the way from one speaker to two; as far as that is known."""
        if self.result is None:
            return False
        if self.same is None or self.different is None:
            return self.own is None or self.result >= self.own - 0.1
        return self.result >= self.same - (self.same - self.different) / 4

    def __str__(self) -> str:
        if self.result is None:
            return "no speech is heard in it"
        beside = []
        if self.own is not None:
            beside.append(f"parts of the clip to each other {self.own:.2f}")
        if self.same is not None and self.different is not None:
            beside.append(f"one speaker {self.same:.2f}, two speakers {self.different:.2f} on average")
        return f"likeness to the clip {self.result:.2f}" + (f" ({'; '.join(beside)})" if beside else "")


def likeness(encoder: SpeakerEncoder, clips: Sequence[Waveform], result: Waveform) -> Likeness:
    """Compare a result with the clips that it was made of.

    Parameters
    ----------
    encoder : SpeakerEncoder
    clips : sequence of Waveform
    result : Waveform

    Returns
    -------
    Likeness

    Raises
    ------
    AudioError
        There is no speech in one of the clips.
    """
    whole = np.mean([encoder.embed(w) for w in clips], axis=0)
    parts = []
    for w in clips:
        half = len(w.samples) // 2
        if w.duration >= 6:
            parts.append([Waveform(x, w.sample_rate) for x in (w.samples[:half], w.samples[half:])])
    halves = [(_embedded(encoder, a), _embedded(encoder, b)) for a, b in parts]
    own = [float(a @ b) for a, b in halves if a is not None and b is not None]
    said = _embedded(encoder, result)
    return Likeness(
        None if said is None else float(said @ whole / np.linalg.norm(whole)),
        float(np.mean(own)) if own else None,
        *(encoder.alike or (None, None)),
    )


def _embedded(encoder: SpeakerEncoder, waveform: Waveform) -> np.ndarray | None:
    """The embedding; None where no speech is heard."""
    try:
        return encoder.embed(waveform)
    except AudioError:
        return None


def advice(seconds: float) -> str:
    """What brings a clone nearer.

    Parameters
    ----------
    seconds : float
        Of the clips that there are.

    Returns
    -------
    str
    """
    lines = [
        "what would bring it nearer:",
        "  two minutes of transcribed clips, with or without a GPU: synthkit adapt",
        '  a GPU and recordings of dozens of speakers: a VITS voice of d-vectors (speakers = "d-vector")',
    ]
    what = "these very clips" if seconds >= 45 else "a transcribed minute"
    lines.append(f"  {what} as units, most alike and with rough joins: synthkit adapt --units")
    return "\n".join(lines)
