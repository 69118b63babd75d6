# SPDX-License-Identifier: Apache-2.0
"""Every hook a plugin can fill. Each is called once with a `register` function; see `synthkit.plugins`.

A stage plugin reads in full::

    from synthkit import hookimpl

    @hookimpl
    def register_vocoders(register):
        register("buzz", "my_package.buzz:BuzzVocoder", summary="an impulse train through the envelope")

``"my_package.buzz:BuzzVocoder"`` is imported when somebody asks for ``buzz``, not before.
"""

from __future__ import annotations

from typing import Protocol

import pluggy

hookspec = pluggy.HookspecMarker("synthkit")


class Register(Protocol):
    """What a hook is given: call it once per component."""

    def __call__(self, name: str, reference: str, *, summary: str = "") -> None:
        """Offer component `name`, found at ``"module:attribute"`` when it is asked for."""
        ...


@hookspec
def register_segmenters(register: Register) -> None:
    """Text to words, phones, stress and breaks: subclasses of `synthkit.stages.Segmenter`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_aligners(register: Register) -> None:
    """Recordings and their segmentation to time-aligned tiers: subclasses of `synthkit.stages.Aligner`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_features(register: Register) -> None:
    """Waveforms to frames under a `FeatureSpec`: subclasses of `synthkit.stages.FeatureExtractor`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_acoustic_models(register: Register) -> None:
    """Segmentation to frames, a unit path or a waveform: subclasses of `synthkit.stages.AcousticModel`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_prosody_models(register: Register) -> None:
    """Segmentation to pauses, durations and F0 that an acoustic model aims at: subclasses of
    `synthkit.stages.ProsodyModel`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_vocoders(register: Register) -> None:
    """Frames or a unit path to a waveform: subclasses of `synthkit.stages.Vocoder`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_converters(register: Register) -> None:
    """Speech of a voice to speech of another speaker: subclasses of `synthkit.stages.Converter`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_adapters(register: Register) -> None:
    """Named bridges between feature specs: subclasses of `synthkit.stages.Adapter`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_metrics(register: Register) -> None:
    """Measurements of speech: subclasses of `synthkit.eval.Metric`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_speaker_encoders(register: Register) -> None:
    """A clip of speech to a speaker embedding: subclasses of `synthkit.stages.SpeakerEncoder`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_corpora(register: Register) -> None:
    """Corpora that can be fetched or are bundled: subclasses of `synthkit.corpora.CorpusRecipe`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_layouts(register: Register) -> None:
    """Layouts of folders of recordings and transcripts: subclasses of `synthkit.corpora.Layout`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_label_formats(register: Register) -> None:
    """File formats of time-aligned labels: subclasses of `synthkit.labels.LabelFormat`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_pretrained_voices(register: Register) -> None:
    """Voices that were trained elsewhere and install by name: subclasses of
    `synthkit.pretrained.PretrainedVoice`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_executors(register: Register) -> None:
    """Ways to map a function over utterances: subclasses of `synthkit.pipeline.executors.Executor`.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """


@hookspec
def register_commands(register: Register) -> None:
    """Subcommands of ``synthkit``: click commands; `summary` is their line in ``synthkit --help``.

    Parameters
    ----------
    register : Register
        To be called once for each: name, target and summary.
    """
