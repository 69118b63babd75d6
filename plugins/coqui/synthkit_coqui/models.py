"""Build coqui-tts's models from a voice's own description, and step them.

`VoiceConfig` is everything a model is made of. It is written beside the weights as JSON, with relative names
only, so that a voice can be moved and can be rebuilt without asking anything else.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.dsp.specs import MelSpec
from synthkit.errors import ConfigError, SynthkitError, VoiceError
from synthkit.types import FeatureSpec
from synthkit_coqui.backend import coqui
from synthkit_coqui.symbols import BLANK, FIRST_CODE_POINT, PAD, SymbolTable

ACOUSTIC = ("glowtts", "tacotron2", "vits")
VOCODERS = ("coqui-hifigan", "coqui-mb-melgan")
ADVERSARIAL = ("vits", *VOCODERS)


@dataclass(frozen=True)
class VoiceConfig:
    """What a model is made of.

    Attributes
    ----------
    kind : str
        ``"glowtts"``, ``"tacotron2"``, ``"vits"``, ``"coqui-hifigan"`` or ``"coqui-mb-melgan"``.
    spec : FeatureSpec
        Of the mel frames it predicts or renders; of kind ``"waveform"`` for VITS.
    model : dict
        Arguments of coqui-tts's model that differ from its defaults.
    symbols : SymbolTable or None
        None for vocoders.
    speakers, languages : tuple of str
        In the order of their ids; never sorted anew.
    conditioning : str
        ``"none"``, ``"embedding"`` or ``"d-vector"``.
    language_embedding : bool
    d_vector_dim : int
    speaker_encoder : str
        Name of the encoder whose embeddings it was trained with.
    audio : dict
        STFT settings of VITS: sample_rate, n_fft, hop_length, n_mels, fmin, fmax.
    segment : int
        Training segment of a vocoder, samples.
    reduction : int
        Frames per decoder step an imported Tacotron 2 ended its training with; 0 is ``model["r"]``.
    """

    kind: str
    spec: FeatureSpec
    model: dict[str, Any] = field(default_factory=dict)
    symbols: SymbolTable | None = None
    speakers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    conditioning: str = "none"
    language_embedding: bool = False
    d_vector_dim: int = 0
    speaker_encoder: str = ""
    audio: dict[str, Any] = field(default_factory=dict)
    segment: int = 8192
    reduction: int = 0

    @property
    def mel(self) -> MelSpec:
        """The mel frames it speaks or renders (all but VITS)."""
        return MelSpec.of(self.spec)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        out = {k: v for k, v in asdict(self).items() if k not in ("spec", "symbols")}
        out["spec"] = self.spec.to_dict()
        out["symbols"] = self.symbols.to_dict() if self.symbols else None
        return json.loads(json.dumps(out))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> VoiceConfig:
        """Inverse of `to_dict`."""
        values = dict(data)
        values["spec"] = FeatureSpec.from_dict(values["spec"])
        values["symbols"] = SymbolTable.from_dict(values["symbols"]) if values["symbols"] else None
        values["speakers"] = tuple(values["speakers"])
        values["languages"] = tuple(values["languages"])
        return cls(**values)

    def check(self) -> VoiceConfig:
        """Itself, when a model can be made of it: for descriptions that come from a file.

        Raises
        ------
        ValueError
            A name that is not known, a table that does not fit, a size that no model has.
        """
        if self.kind not in (*ACOUSTIC, *VOCODERS):
            raise ValueError(f"kind {self.kind!r} is none of {', '.join((*ACOUSTIC, *VOCODERS))}")
        if self.symbols is None and self.kind in ACOUSTIC:
            raise ValueError(f"a {self.kind} without symbols")
        if self.conditioning not in ("none", "embedding", "d-vector"):
            raise ValueError(f"conditioning {self.conditioning!r}")
        strange = sorted(set(self.model) - set(model_arguments(self.kind)))
        if strange:
            raise ValueError(f"a {self.kind} has no argument {strange[0]!r}")
        tables = {
            "speakers": self.speakers,
            "languages": self.languages,
            "tokens": self.symbols.tokens if self.symbols else (),
        }
        for name, table in tables.items():
            if not all(isinstance(entry, str) for entry in table) or len(set(table)) < len(table):
                raise ValueError(f"{name} that are not names, each once")
            if len(table) > LARGEST:
                raise ValueError(f"{len(table)} {name}; at most {LARGEST}")
        sizes = [self.audio, self.d_vector_dim, self.segment, self.reduction, self.spec.to_dict()]
        for size in (*_numbers(sizes), *map(abs, _numbers(self.model))):
            if not 0 <= size <= LARGEST_NUMBER:
                raise ValueError(f"the number {size}")
        return self


LARGEST, LARGEST_NUMBER = 20_000, 200_000
"""Entries of a table, and the size of anything else, that a file may ask for."""


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, (int, float)):
        yield value


def upsample_factors(hop: int) -> list[int]:
    """Factors of a generator whose product is the hop, largest first: [8, 8, 2, 2] for 256.

    Raises
    ------
    ConfigError
        The hop has a prime factor above 8.
    """
    known = {256: [8, 8, 2, 2], 200: [5, 5, 4, 2], 80: [5, 4, 2, 2], 128: [8, 4, 2, 2], 512: [8, 8, 4, 2]}
    if hop in known:
        return known[hop]
    factors, rest = [], hop
    for candidate in (8, 7, 6, 5, 4, 3, 2):
        while rest % candidate == 0 and len(factors) < 5:
            factors.append(candidate)
            rest //= candidate
    if rest != 1:
        raise ConfigError(
            f"a hop of {hop} samples cannot be made of factors up to 8",
            where="features.hop_length",
            hint="use 256, 200, 128 or 80",
        )
    return factors


def kernel_sizes(factors: list[int]) -> list[int]:
    """Kernels of the transposed convolutions, such that each layer is exactly its factor longer."""
    return [2 * f if f % 2 == 0 else 2 * f + 1 for f in factors]


ARGUMENTS = {
    "glowtts": [
        "use_encoder_prenet",
        "hidden_channels_enc",
        "hidden_channels_dec",
        "hidden_channels_dp",
        "dropout_p_dp",
        "dropout_p_dec",
        "mean_only",
        "num_flow_blocks_dec",
        "kernel_size_dec",
        "dilation_rate",
        "num_block_layers",
        "num_splits",
        "num_squeeze",
        "sigmoid_scale",
        "encoder_type",
        "encoder_params",
        "inference_noise_scale",
        "length_scale",
    ],
    "tacotron2": [
        "r",
        "memory_size",
        "prenet_type",
        "prenet_dropout",
        "prenet_dropout_at_inference",
        "stopnet",
        "separate_stopnet",
        "encoder_in_features",
        "decoder_in_features",
        "attention_type",
        "attention_heads",
        "attention_norm",
        "attention_win",
        "windowing",
        "use_forward_attn",
        "forward_attn_mask",
        "transition_agent",
        "location_attn",
        "bidirectional_decoder",
        "double_decoder_consistency",
        "ddc_r",
        "speaker_embedding_dim",
    ],
}
"""Architecture arguments of the models whose coqui-tts config mixes them with everything else."""
NOT_ARCHITECTURE = (
    "num_chars", "use_speaker_embedding", "use_d_vector_file", "use_language_embedding", "d_vector_dim",
    "use_speaker_encoder_as_loss",
)  # fmt: skip


def model_arguments(kind: str) -> list[str]:
    """Names a user may write in `model` for this kind."""
    c = coqui()
    if kind in ARGUMENTS:
        return ARGUMENTS[kind]
    if kind == "vits":
        names = list(c.VitsArgs().to_dict())
        return [n for n in names if n not in NOT_ARCHITECTURE and not n.endswith(("_file", "_path"))]
    config = c.HifiganConfig() if kind == "coqui-hifigan" else c.MultibandMelganConfig()
    return list(config.generator_model_params)


def coqui_config(voice: VoiceConfig, d_vector_file: str | None = None) -> Any:
    """coqui-tts's own config object for `voice`."""
    from synthkit_coqui.specs import audio_config

    c = coqui()
    if voice.kind in VOCODERS:
        return _vocoder_config(voice)
    assert voice.symbols is not None
    conditioning = {
        "use_speaker_embedding": voice.conditioning == "embedding",
        "use_d_vector_file": voice.conditioning == "d-vector",
        "d_vector_file": d_vector_file,
        "d_vector_dim": voice.d_vector_dim,
    }
    shared = {
        "audio": c.BaseAudioConfig(**audio_config(voice)),
        "use_phonemes": False,
        "text_cleaner": None,
        "add_blank": voice.symbols.blank,
        "characters": _characters(voice.symbols),
        "speakers": list(voice.speakers) if voice.conditioning == "embedding" else [],
        "languages": list(voice.languages),
        "test_sentences": [],
    }
    if voice.kind == "vits":
        rates = upsample_factors(voice.audio["hop_length"])
        arguments = {
            "out_channels": voice.audio["n_fft"] // 2 + 1,
            "upsample_rates_decoder": rates,
            "upsample_kernel_sizes_decoder": kernel_sizes(rates),
            "use_language_embedding": voice.language_embedding,
            **conditioning,
            **voice.model,
        }
        return c.VitsConfig(model_args=c.VitsArgs(**arguments), **shared)
    mels = voice.mel.n_mels
    arguments = {"out_channels": mels, **conditioning, **_deep(voice)}
    if voice.kind == "tacotron2":
        return c.Tacotron2Config(**{"decoder_output_dim": mels, **arguments}, **shared)
    return c.GlowTTSConfig(**arguments, **shared)


def _deep(voice: VoiceConfig) -> dict[str, Any]:
    """Architecture with nested tables completed from coqui-tts's defaults."""
    defaults = coqui().GlowTTSConfig() if voice.kind == "glowtts" else None
    out = dict(voice.model)
    if defaults is not None and isinstance(out.get("encoder_params"), dict):
        out["encoder_params"] = {**defaults.encoder_params, **out["encoder_params"]}
    return out


def _characters(symbols: SymbolTable) -> Any:
    """coqui-tts's vocabulary; of an imported model it has the right size alone, since `SymbolTable` does the reading."""
    code_points = "".join(chr(FIRST_CODE_POINT + i) for i in range(len(symbols) - 2))
    return coqui().CharactersConfig(
        characters_class="TTS.tts.utils.text.characters.Graphemes",
        pad=PAD,
        blank=BLANK,
        bos=None,
        eos=None,
        characters=code_points,
        punctuations="",
        phonemes=None,
        is_unique=True,
        is_sorted=True,
    )


def _vocoder_config(voice: VoiceConfig) -> Any:
    from synthkit_coqui.specs import audio_config

    c = coqui()
    mel = voice.mel
    hop, rate = mel.hop_length, mel.sample_rate
    audio = c.BaseAudioConfig(**audio_config(voice))
    if voice.kind == "coqui-hifigan":
        factors = upsample_factors(hop)
        base = c.HifiganConfig()
        parameters = {
            **base.generator_model_params,
            "upsample_factors": factors,
            "upsample_kernel_sizes": kernel_sizes(factors),
            **voice.model,
        }
        loss = {**base.l1_spec_loss_params, "sample_rate": rate, "hop_length": hop}
        loss |= {"n_fft": mel.n_fft, "win_length": mel.win_length, "mel_fmax": mel.fmax}
        return c.HifiganConfig(
            audio=audio, generator_model_params=parameters, l1_spec_loss_params=loss, seq_len=voice.segment
        )
    if hop % 4:
        raise ConfigError(
            f"coqui-mb-melgan has four bands: a hop of {hop} is not a multiple of 4", where="features"
        )
    parameters = {"num_res_blocks": 4, "upsample_factors": _band_factors(hop // 4), **voice.model}
    return c.MultibandMelganConfig(audio=audio, generator_model_params=parameters, seq_len=voice.segment)


def _band_factors(hop: int) -> list[int]:
    return {64: [8, 4, 2], 50: [5, 5, 2], 32: [4, 4, 2], 20: [5, 2, 2], 128: [8, 4, 4]}.get(
        hop
    ) or upsample_factors(hop)


@contextmanager
def _d_vector_file(voice: VoiceConfig) -> Iterator[str | None]:
    """A file coqui-tts's speaker manager can read; only the names and the dimension matter to the model."""
    if voice.conditioning != "d-vector":
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "d_vectors.json"
        zeros = [0.0] * voice.d_vector_dim
        names = {f"{i}": {"name": name, "embedding": zeros} for i, name in enumerate(voice.speakers)}
        path.write_text(json.dumps(names), encoding="utf-8")
        yield str(path)


def make(voice: VoiceConfig) -> Any:
    """A fresh model of `voice` in training mode, with randomly initialised weights."""
    c = coqui()
    with _d_vector_file(voice) as file:
        config = coqui_config(voice, file)
        if voice.kind in VOCODERS:
            return c.GAN(config).train()
        model = {"glowtts": c.GlowTTS, "tacotron2": c.Tacotron2, "vits": c.Vits}[voice.kind](config).train()
    if voice.reduction and voice.kind == "tacotron2":
        model.decoder.set_r(voice.reduction)
    return model


@contextmanager
def described(where: str) -> Iterator[None]:
    """Around work on a description that comes from a file, whose values anything may stumble over in any way.

    Raises
    ------
    VoiceError
        It did.
    """
    try:
        yield
    except SynthkitError:
        raise
    except _STUMBLES as error:
        raise VoiceError(
            f"describes no model that can be made ({type(error).__name__}: {str(error)[:160]})", where=where
        ) from error


_STUMBLES = (
    RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, ArithmeticError,
    MemoryError, OSError,
)  # fmt: skip


def speaking_state(voice: VoiceConfig, state: dict[str, Any]) -> dict[str, Any]:
    """The weights needed to speak: without the discriminators."""
    return {k: v for k, v in state.items() if not k.startswith(("disc.", "model_d."))}


def load_weights(model: Any, state: dict[str, Any], *, where: str, speaking: bool = True) -> None:
    """Put `state` into `model`; every tensor must find its place and its shape.

    Raises
    ------
    VoiceError
        Names the first tensors that are missing, left over or of another shape.
    """
    own = model.state_dict()
    optional = ("disc.", "model_d.") if speaking else ()
    missing = (
        [k for k in own if k not in state and not k.startswith(optional)]
        if optional
        else [k for k in own if k not in state]
    )
    extra = [k for k in state if k not in own]
    shapes = [
        f"{k}: {tuple(v.shape)} in the file, {tuple(own[k].shape)} in the model"
        for k, v in state.items()
        if k in own and tuple(v.shape) != tuple(own[k].shape)
    ]
    shapes += [
        f"{k}: {v.dtype}, {v.layout} in the file, {own[k].dtype}, {own[k].layout} in the model"
        for k, v in state.items()
        if k in own and (v.is_floating_point() != own[k].is_floating_point() or v.layout != own[k].layout)
    ]
    if not (missing or extra or shapes):
        shapes = [f"{k}: values that are not finite" for k, v in state.items() if not v.isfinite().all()]
    if missing or extra or shapes:
        rows = [f"missing: {k}" for k in missing] + [f"left over: {k}" for k in extra] + shapes
        shown = "\n    ".join(rows[:8])
        raise VoiceError(
            f"the weights do not fit the model ({len(rows)} differences):\n    {shown}",
            where=where,
            hint="the config must be the one the weights were trained with: same symbols, speakers and languages",
        )
    model.load_state_dict(state, strict=not optional)


def gradient_free(array: Any) -> np.ndarray:
    """A tensor as a float32 array on the CPU."""
    return array.detach().float().cpu().numpy()
