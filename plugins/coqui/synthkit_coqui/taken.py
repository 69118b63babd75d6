# SPDX-License-Identifier: Apache-2.0
"""Weights that come with the plugin, or from a voice that was built before, taken instead of training."""

from __future__ import annotations

import shutil
from pathlib import Path

from synthkit.earlier import check_features, check_phone_set, check_phones, tell_taken
from synthkit.errors import VoiceError
from synthkit.phones import canonical
from synthkit.stages import HEARD, Context, TrainingData
from synthkit.trained import pretrained_folder
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.history import TRAINED, Trained
from synthkit_coqui.speech import CONFIG, VECTORS, read_config

DATA = Path(__file__).parent / "data"
"""Has a folder for each model with weights, and in it one for each of them."""
WHERE = "[acoustic_model] pretrained"


def bundled(kind: str) -> Path:
    """Where the weights of a model lie that come with the plugin."""
    return DATA / kind


def folder_of(name: str, kind: str, *, where: str = WHERE) -> Path:
    """The folder of weights of that name, or that folder.

    Raises
    ------
    VoiceError
        There is none.
    """
    otherwise = "acoustic_model of a voice that was built with one"
    return pretrained_folder(name, bundled(kind), where=where, otherwise=otherwise)


def described(name: str, kind: str) -> tuple[Path, VoiceConfig]:
    """Folder and description of weights of that name.

    Raises
    ------
    VoiceError
        There are none, or they are of another model.
    """
    folder = folder_of(name, kind)
    voice = read_config(folder)
    if voice.kind != kind:
        raise VoiceError(
            f"the weights {name!r} are of a {voice.kind}, this is a {kind}",
            where=WHERE,
            hint=f'plugin = "{voice.kind}"',
        )
    return folder, voice


def check_set(name: str, kind: str, phone_set: str) -> None:
    """Raise `SpecMismatch` if weights that are to be taken speak another phone set."""
    symbols = described(name, kind)[1].symbols
    if symbols is not None and symbols.mode == "phones" and not symbols.shared:
        check_phone_set(name, symbols.phone_set, phone_set, where=WHERE)


def take(name: str, kind: str, data: TrainingData, into: Path, ctx: Context) -> None:
    """Copy weights and their description into a voice that they fit.

    Parameters
    ----------
    name : str
        Of bundled weights, or the folder of others.
    kind : str
        The model.
    data : TrainingData
        Of the voice that takes them.
    into : Path
        The component's folder in the voice.
    ctx : Context

    Raises
    ------
    SpecMismatch
        They are of other features, or do not know every phone of `data`.
    VoiceError
        There are none, or they are of another model.
    """
    folder, voice = described(name, kind)
    if voice.spec.kind != "waveform":
        check_features(name, voice.spec, data.spec, where=WHERE)
    symbols = voice.symbols
    if symbols is not None and symbols.mode == "phones":
        known = {spoken for token in symbols.tokens for spoken in (token, token.rstrip("012"))}
        if symbols.shared:
            said = {(i.segmentation.phone_set, p.symbol) for i in data.items for p in i.segmentation.phones()}
            known = {symbol for phone_set, symbol in said if canonical(phone_set, symbol) in known}
        else:
            check_phone_set(name, symbols.phone_set, data.phone_set, where=WHERE)
        check_phones(name, known, data, where=WHERE)
    heard = (folder / HEARD).read_text(encoding="utf-8").split() if (folder / HEARD).is_file() else []
    trained = Trained.of(folder)
    steps = {"steps": trained.steps} if trained is not None else {}
    tell_taken(kind, name, {**steps, "heard": heard}, data, ctx)
    for file in [folder / n for n in (CONFIG, VECTORS, TRAINED)] + sorted(folder.glob("*.safetensors")):
        if file.is_file():
            shutil.copyfile(file, into / file.name)
    others = set(heard) - {i.utterance.id for i in data.items}
    if others:
        (into / HEARD).write_text("\n".join(sorted(others)), encoding="utf-8")
