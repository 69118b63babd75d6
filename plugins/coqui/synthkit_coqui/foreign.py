"""Import a coqui-tts (or Mozilla TTS) model folder: ``config.json`` and a ``.pth`` beside it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.dsp.specs import MelSpec
from synthkit.errors import VoiceError
from synthkit.types import FeatureSpec
from synthkit_coqui import mozilla
from synthkit_coqui.backend import coqui
from synthkit_coqui.models import (
    ARGUMENTS,
    VoiceConfig,
    described,
    load_weights,
    make,
    model_arguments,
    speaking_state,
)
from synthkit_coqui.safely import read_checkpoint, read_json, within
from synthkit_coqui.specs import spec_of_audio
from synthkit_coqui.speech import save_voice
from synthkit_coqui.symbols import SymbolTable

KINDS = {
    "glow_tts": "glowtts",
    "tacotron2": "tacotron2",
    "vits": "vits",
    "hifigan": "coqui-hifigan",
    "multiband_melgan": "coqui-mb-melgan",
}
EMBEDDINGS = ("text_encoder.emb.weight", "encoder.emb.weight", "embedding.weight")
"""The symbols' embedding, of VITS, Glow-TTS and Tacotron 2."""
ORIGINAL, PHONES = "coqui_config.json", "phones.json"


def import_folder(folder: Path, out: Path, checkpoint: Path | None = None) -> VoiceConfig:
    """Write the model of a coqui-tts run folder as a model folder of this plugin.

    Parameters
    ----------
    folder : Path
        With ``config.json``.
    out : Path
        Made; an acoustic_model or vocoder folder that `AcousticModel.open` or `Vocoder.open` reads.
    checkpoint : Path, optional
        The ``.pth``; when not given, ``best_model.pth``, else the newest checkpoint in the folder.

    Raises
    ------
    VoiceError
        The files are not safe, not whole, not of a model this plugin knows, or do not fit each other.
    """
    config = read_json(within(folder / "config.json", folder))
    where = str(folder / "config.json")
    kind = kind_of(config, where)
    path = checkpoint or within(find_checkpoint(folder), folder)
    state = read_checkpoint(path)
    weights = state.get("model", state)
    if not isinstance(weights, dict) or not all(
        isinstance(k, str) and hasattr(v, "shape") for k, v in weights.items()
    ):
        raise VoiceError("the checkpoint holds no dictionary of tensors under 'model'", where=str(path))
    with described(where):
        if kind in ("coqui-hifigan", "coqui-mb-melgan"):
            voice, prefix = _vocoder(kind, config, where), "model_g."
            if not any(k.startswith(prefix) for k in weights):
                weights = {prefix + k: v for k, v in weights.items()}
        else:
            voice = _acoustic(kind, config, folder, where, state)
            weights = mozilla.weights(weights)
        model = make(voice.check())
    weights = {k: v for k, v in weights.items() if "speaker_encoder" not in k}
    weights = renamed(speaking_state(voice, weights), model.state_dict())
    load_weights(model, weights, where=str(path))
    save_voice(
        out, voice, weights, vectors=_vectors(config, folder) if voice.conditioning == "d-vector" else None
    )
    shutil.copy2(folder / "config.json", out / ORIGINAL)
    return voice


def kind_of(config: dict[str, Any], where: str) -> str:
    """This plugin's name of the model a config describes; Mozilla TTS wrote ``"Tacotron2"`` and ``generator_model``."""
    name = str(config.get("model") or config.get("generator_model") or "").lower()
    name = name.replace("_generator", "").replace("glowtts", "glow_tts")
    if name not in KINDS:
        raise VoiceError(
            f"the config describes a {name or 'nameless model'!r}",
            where=where,
            hint=f"known: {', '.join(KINDS)}",
        )
    for key in ("use_gst", "use_capacitron_vae"):
        if config.get(key):
            raise VoiceError(
                f"models with {key} are not supported", where=where, hint="only those without style tokens"
            )
    return KINDS[name]


def find_checkpoint(folder: Path) -> Path:
    """The checkpoint of a run folder: the best model, else the one of most steps."""
    found = sorted(folder.glob("*.pth")) + sorted(folder.glob("*.pth.tar"))
    models = [
        p for p in found if "speaker" not in p.name and "d_vector" not in p.name and "language" not in p.name
    ]
    best = [p for p in models if p.name.startswith("best_model")]
    if not models:
        raise VoiceError("there is no .pth here", where=str(folder), hint="give it with --checkpoint")

    def steps(path: Path) -> int:
        numbers = re.findall(r"\d+", path.name)
        return int(numbers[-1]) if numbers else 0

    return (
        sorted(best, key=lambda p: (p.name == "best_model.pth", steps(p)))[-1]
        if best
        else max(models, key=steps)
    )


def renamed(weights: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Weights under this version's names: weight normalisation was stored as ``weight_g`` and ``weight_v``.

    Counters of batch normalisation, which older checkpoints lack, are taken from the fresh model.
    """
    out = {}
    for name, value in weights.items():
        for old, new in (("weight_g", "original0"), ("weight_v", "original1")):
            if name not in own and name.endswith(f".{old}"):
                name = f"{name[: -len(old)]}parametrizations.weight.{new}"
        out[name] = value
    counters = {k: v for k, v in own.items() if k.endswith("num_batches_tracked") and k not in out}
    return out | counters


def _vocoder(kind: str, config: dict[str, Any], where: str) -> VoiceConfig:
    parameters = config.get("generator_model_params") or {}
    known = model_arguments(kind)
    return VoiceConfig(
        kind=kind,
        spec=spec_of_audio(config.get("audio") or {}, where=where),
        model={k: v for k, v in parameters.items() if k in known},
        segment=int(config.get("seq_len") or 8192),
    )


def _acoustic(
    kind: str, config: dict[str, Any], folder: Path, where: str, state: dict[str, Any]
) -> VoiceConfig:
    config = mozilla.settings(config) if mozilla.is_mozilla(config) else config
    flat = {**config, **(config.get("model_args") or {})}
    audio = config.get("audio") or {}
    known = ARGUMENTS.get(kind) or model_arguments(kind)
    model = {k: flat[k] for k in known if k in flat and flat[k] is not None}
    model.pop("init_discriminator", None)
    conditioning = "none"
    if flat.get("use_d_vector_file") or flat.get("use_external_speaker_embedding_file"):
        conditioning = "d-vector"
    elif flat.get("use_speaker_embedding"):
        conditioning = "embedding"
    language = bool(flat.get("use_language_embedding"))
    spec = spec_of_audio(audio, where=where)
    mel = MelSpec.of(spec)
    dimension = int(flat.get("d_vector_dim") or 0)
    if conditioning == "embedding" and dimension and kind == "vits":
        dimension = 0
    return VoiceConfig(
        kind=kind,
        spec=FeatureSpec("waveform", spec.sample_rate) if kind == "vits" else spec,
        model=model,
        symbols=_symbols(kind, config, flat, folder, where, state.get("model", state)),
        speakers=tuple(speaker_names(flat, folder, conditioning)),
        languages=tuple(language_names(flat, folder, language)),
        conditioning=conditioning,
        language_embedding=language,
        d_vector_dim=dimension,
        audio={
            "sample_rate": spec.sample_rate, "n_fft": mel.n_fft, "hop_length": mel.hop_length,
            "n_mels": mel.n_mels, "fmin": mel.fmin, "fmax": audio.get("mel_fmax"),
        } if kind == "vits" else {},
        reduction=int(state["r"]) if kind == "tacotron2" and isinstance(state.get("r"), int) else 0,
    )  # fmt: skip


def _symbols(
    kind: str, config: dict[str, Any], flat: dict[str, Any], folder: Path, where: str, weights: dict[str, Any]
) -> SymbolTable:
    """Of a folder that `export_folder` wrote, of a Mozilla TTS config, or of coqui-tts's."""
    own = own_symbols(folder, bool(flat.get("add_blank")))
    if own is not None:
        return own
    table = next((weights[k] for k in EMBEDDINGS if k in weights), None)
    if mozilla.is_mozilla(config) and table is not None:
        return mozilla.symbols(config, len(table), where)
    return symbols_of(kind, config, flat, where)


def symbols_of(kind: str, config: dict[str, Any], flat: dict[str, Any], where: str) -> SymbolTable:
    """The vocabulary of a coqui-tts config, id by id, as its own classes build it."""
    phonemes = bool(config.get("use_phonemes"))
    made = _characters_class(kind, dict(config.get("characters") or {}), phonemes, where)
    ends = (made.bos, made.eos) if flat.get("enable_eos_bos_chars") and made.bos and made.eos else ("", "")
    mode = "ipa" if phonemes else "graphemes"
    return SymbolTable(
        "", (), bool(flat.get("add_blank")), tuple(made.vocab), mode, ends, made.blank or made.pad or ""
    )


def own_symbols(folder: Path, blank: bool) -> SymbolTable | None:
    """The phones of a folder that `export_folder` wrote, or None."""
    path = folder / PHONES
    if not path.is_file():
        return None
    data = read_json(within(path, folder))
    return SymbolTable(str(data["phone_set"]), tuple(data["phones"]), blank)


def _characters_class(kind: str, characters: dict[str, Any], phonemes: bool, where: str) -> Any:
    import importlib

    coqui()
    module = importlib.import_module("TTS.tts.utils.text.characters")
    named = str(characters.pop("characters_class", "") or "").rsplit(".", 1)[-1]
    if named in ("VitsCharacters", "") and kind == "vits":
        holder = importlib.import_module("TTS.tts.models.vits").VitsCharacters
        return holder(
            characters.get("characters", ""), characters.get("punctuations", ""), characters.get("pad", "_"),
            characters.get("phonemes"),
        )  # fmt: skip
    holder = module.IPAPhonemes if named == "IPAPhonemes" or (not named and phonemes) else module.Graphemes
    if not characters:
        return holder()
    symbols = characters.get("phonemes") if holder is module.IPAPhonemes else None
    allowed = ("punctuations", "pad", "eos", "bos", "blank", "is_unique", "is_sorted")
    arguments = {k: characters[k] for k in allowed if k in characters}
    try:
        return holder(characters=symbols or characters.get("characters"), **arguments)
    except (AssertionError, TypeError) as error:
        raise VoiceError(f"the config's characters make no vocabulary: {error}", where=where) from error


def beside(folder: Path, name: Any) -> Path | None:
    """The file a config names by a path of the machine it was trained on, looked for beside the config."""
    if not name:
        return None
    names = name if isinstance(name, list) else [name]
    path = folder / Path(str(names[0]).replace("\\", "/")).name
    return within(path, folder) if path.is_file() else None


def _table(path: Path) -> Any:
    return read_json(path) if path.suffix == ".json" else read_checkpoint(path)


def speaker_names(flat: dict[str, Any], folder: Path, conditioning: str) -> list[str]:
    """Speakers in the order of their ids."""
    if conditioning == "none":
        return []
    if flat.get("speakers") and isinstance(flat["speakers"], list):
        return [str(s) for s in flat["speakers"]]
    named = [beside(folder, flat.get(k)) for k in ("speakers_file", "speaker_file")]
    path = next(
        (p for p in [*named, beside(folder, "speakers.pth"), beside(folder, "speakers.json")] if p), None
    )
    if conditioning == "d-vector":
        vectors = _vectors(flat, folder)
        return list(vectors)
    if path is None:
        raise VoiceError(
            "the model has several speakers, and the file with their names is not beside the config",
            where=str(folder),
            hint="copy its speakers.pth (or speakers.json) into the folder",
        )
    ids = _table(path)
    return [str(name) for name, _ in sorted(ids.items(), key=lambda pair: pair[1])]


def language_names(flat: dict[str, Any], folder: Path, embedding: bool) -> list[str]:
    """Languages in the order of their ids."""
    path = beside(folder, flat.get("language_ids_file")) or beside(folder, "language_ids.json")
    if embedding and path is not None:
        return [name for name, _ in sorted(_table(path).items(), key=lambda pair: pair[1])]
    listed = flat.get("languages") or []
    if not listed and embedding:
        datasets = flat.get("datasets") or []
        listed = sorted({d["language"] for d in datasets if d.get("language")})
    return [str(name) for name in listed] or [str(flat.get("phoneme_language") or "en").split("-")[0]]


def _vectors(config: dict[str, Any], folder: Path) -> dict[str, list[float]]:
    """Mean d-vector of each speaker, unit length, in the order in which they first appear."""
    flat = {**config, **(config.get("model_args") or {})}
    path = beside(folder, flat.get("d_vector_file"))
    if path is None:
        raise VoiceError(
            "the model speaks with d-vectors, and the file that holds them is not beside the config",
            where=str(folder),
            hint="copy the file named by d_vector_file into the folder",
        )
    found: dict[str, list[np.ndarray]] = {}
    for entry in _table(path).values():
        found.setdefault(str(entry["name"]), []).append(
            np.asarray(entry["embedding"], np.float64).reshape(-1)
        )
    means = {name: np.mean(vectors, axis=0) for name, vectors in found.items()}
    return {name: (m / max(1e-9, float(np.linalg.norm(m)))).tolist() for name, m in means.items()}


def export_folder(model: Path, out: Path) -> Path:
    """Write a model folder of this plugin as coqui-tts reads it: ``config.json`` and ``model.pth``.

    ``TTS.utils.synthesizer.Synthesizer`` and `load_checkpoint` read it. The text it takes is one private code
    point per phone; ``phones.json`` says which (an imported model keeps its own characters).
    """
    import torch

    from synthkit_coqui.models import coqui_config, gradient_free
    from synthkit_coqui.speech import VECTORS, read_config, read_weights

    voice = read_config(model)
    weights = read_weights(model)
    out.mkdir(parents=True, exist_ok=True)
    vectors = model / VECTORS
    if vectors.exists():
        table = json.loads(vectors.read_text(encoding="utf-8"))
        entries = {name: {"name": name, "embedding": vector} for name, vector in table.items()}
        (out / VECTORS).write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    if (model / ORIGINAL).exists():
        config = json.loads(json.dumps(read_json(model / ORIGINAL)))
    else:
        config = coqui_config(voice, VECTORS if vectors.exists() else None).to_dict()
    if voice.kind == "vits":
        config["model_args"]["init_discriminator"] = False
    record: dict[str, Any] = {"model": weights, "config": config, "step": 0}
    if voice.kind in ("coqui-hifigan", "coqui-mb-melgan"):
        weights = {k.removeprefix("model_g."): v for k, v in weights.items()}
        record = {"model": weights, "model_disc": {}}
    if voice.reduction:
        record["r"] = voice.reduction
    assert all(np.isfinite(gradient_free(v)).all() for v in weights.values())
    torch.save(record, out / "model.pth")
    (out / "config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")
    if voice.symbols is not None and not voice.symbols.vocabulary:
        points = dict(zip(voice.symbols.tokens, voice.symbols.characters, strict=True))
        table = {"phone_set": voice.symbols.phone_set, "phones": points}
        (out / PHONES).write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")
    return out
