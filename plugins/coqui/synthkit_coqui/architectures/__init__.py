# SPDX-License-Identifier: Apache-2.0
"""One file per model: what it is made of, its frames, its batches, its training step, how it speaks.

base.py        `Architecture`: what every model answers        text.py    those that read tokens
mel_vocoder.py those that render mel frames                     flows.py   pace and noise of Glow-TTS and VITS
coqui_config.py  pieces of coqui-tts's configs that several share tacotron2.py, glowtts.py, vits.py,
hifigan.py, mb_melgan.py     the models, each with its settings and its component

A further model is one more such file, in this plugin or in another: a component whose ``architecture`` is an
`Architecture`, registered as an acoustic model or a vocoder. Everything else of the plugin finds it by the
component's name and asks it; nothing outside these files knows a model by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthkit.plugins import registry

if TYPE_CHECKING:
    from synthkit_coqui.architectures.base import Architecture

BUILT_IN = ("glowtts", "tacotron2", "vits", "coqui-hifigan", "coqui-mb-melgan")


def find(kind: str) -> Architecture:
    """The architecture of the component named `kind`.

    Raises
    ------
    ValueError
        No component of that name has one.
    """
    from synthkit_coqui.architectures.base import Architecture

    plugins = registry()
    for stage in ("acoustic_model", "vocoder"):
        if kind in plugins.names(stage):
            found = getattr(plugins.load(stage, kind), "architecture", None)
            if isinstance(found, Architecture):
                return found
    raise ValueError(f"kind {kind!r} is none of {', '.join(BUILT_IN)}, nor another plugin's")


def named(foreign: str) -> Architecture | None:
    """The architecture that coqui-tts's configs call `foreign`, or None."""
    for kind in BUILT_IN:
        architecture = find(kind)
        if foreign in architecture.foreign_names:
            return architecture
    try:
        return find(foreign)
    except ValueError:
        return None
