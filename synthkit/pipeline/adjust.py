# SPDX-License-Identifier: Apache-2.0
"""Speed and pitch as a listener asks for them, given to the part of a voice that can change them."""

from __future__ import annotations

from synthkit.errors import ConfigError, MissingDependency, PluginError
from synthkit.plugins import registry
from synthkit.stages import AcousticModel, Vocoder
from synthkit.tables import validate
from synthkit.types import FeatureSpec


def adjust(
    model: AcousticModel,
    vocoder: Vocoder,
    produced: FeatureSpec,
    names: tuple[str, str],
    *,
    speed: float,
    pitch: float,
) -> tuple[dict[str, float], Vocoder]:
    """Who changes what: the acoustic model where it can, since it knows what it says; else the vocoder.

    Parameters
    ----------
    model : AcousticModel
    vocoder : Vocoder
    produced : FeatureSpec
        What the acoustic model gives; a waveform never meets the vocoder.
    names : (str, str)
        The two parts' names, for messages.
    speed : float
        2 is twice as fast as the voice's own.
    pitch : float
        Semitones above the voice's own.

    Returns
    -------
    options : dict
        For the request to the acoustic model.
    vocoder : Vocoder
        `vocoder` itself, or one like it with other settings.

    Raises
    ------
    ConfigError
        No part can change it, or not so far.
    """
    wanted = {
        name: value
        for name, value, neutral in (("speed", speed, 1.0), ("pitch", pitch, 0.0))
        if value != neutral
    }
    options = {name: value for name, value in wanted.items() if name in model.Options.model_fields}
    left = {name: value for name, value in wanted.items() if name not in options}
    if not left:
        return options, vocoder
    speaks = produced.kind != "waveform"
    for name in left:
        if not speaks or vocoder.trainable or name not in vocoder.adjusts:
            parts = f"neither acoustic model {names[0]!r} nor vocoder {names[1]!r} can"
            raise ConfigError(
                f"this voice cannot change its {name}: "
                + (parts if speaks else f"acoustic model {names[0]!r} cannot"),
                where=name,
                hint=_others(produced, name) if speaks else "use a voice of another acoustic model",
            )
    settings = vocoder.config.model_dump()
    factors = {"speed": left.get("speed", 1.0), "pitch": 2 ** (left.get("pitch", 0.0) / 12)}
    changed = {name: settings[name] * factors[name] for name in left}
    # Settings are factors; what was asked for is said in its own terms.
    asked = {
        "speed": f"speed {speed:g}",
        "pitch": f"pitch {pitch:g} semitones, a factor of {factors['pitch']:.3g}",
    }
    where = f"vocoder {names[1]!r} at " + ", ".join(asked[name] for name in left)
    return options, type(vocoder)(validate(type(vocoder).Config, settings | changed, where=where))


def _others(produced: FeatureSpec, name: str) -> str:
    """A hint: installed vocoders that accept `produced` and can change `name`."""
    able = []
    for registration in registry().of_stage("vocoder"):
        try:
            kind = registration.load()
        except (MissingDependency, PluginError):
            continue  # it cannot be used in any case; `synthkit plugins` reports it
        if name in kind.adjusts and any(a.accepts(produced) for a in kind().accepts()):
            able.append(registration.name)
    if not able:
        return f"no installed vocoder that takes {produced.kind} frames can"
    return f"say --set vocoder.plugin={able[0]}" + (
        f" (also able: {', '.join(able[1:])})" if able[1:] else ""
    )
