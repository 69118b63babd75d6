# SPDX-License-Identifier: Apache-2.0
"""Features `mel`: log mel spectra, with every convention in the settings and in the spec."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np

from synthkit.dsp.checks import usable
from synthkit.dsp.mel import filterbank, mel_spectrum, shortest
from synthkit.dsp.specs import MelSpec
from synthkit.settings import Field, Settings
from synthkit.stages import FeatureExtractor
from synthkit.types import OPEN, Alignment, Demand, FeatureSpec, Frames, Waveform

SLANEY = {"window": "hann", "mel_scale": "slaney", "mel_norm": "slaney", "power": 1.0}

PRESETS: dict[str, dict[str, Any]] = {
    # meldataset.py of jik876/hifi-gan, config_v1.json: the LJSpeech and universal generators.
    "hifigan": SLANEY | {
        "sample_rate": 22050, "n_fft": 1024, "win_length": 1024, "hop_length": 256, "n_mels": 80,
        "fmin": 0.0, "fmax": 8000.0, "log_base": "e", "floor": 1e-5, "normalisation": "none",
        "padding": "reflect",
    },
    # TacotronSTFT of NVIDIA/tacotron2 (also FastSpeech 2's): as above with centred frames.
    "tacotron2": SLANEY | {
        "sample_rate": 22050, "n_fft": 1024, "win_length": 1024, "hop_length": 256, "n_mels": 80,
        "fmin": 0.0, "fmax": 8000.0, "log_base": "e", "floor": 1e-5, "normalisation": "none",
        "padding": "center-reflect",
    },
    # BaseAudioConfig of coqui-tts 0.28 (TTS/config/shared_configs.py, TTS/utils/audio/processor.py).
    "coqui": SLANEY | {
        "sample_rate": 22050, "n_fft": 1024, "win_length": 1024, "hop_length": 256, "n_mels": 80,
        "fmin": 0.0, "fmax": 11025.0, "log_base": "db", "floor": 1e-8, "normalisation": "symmetric-4",
        "padding": "center-reflect",
    },
    # coqui-tts's LJSpeech recipes: signal_norm=False, log_func="np.log", spec_gain=1.0, mel_fmax=8000.
    "coqui-ljspeech": SLANEY | {
        "sample_rate": 22050, "n_fft": 1024, "win_length": 1024, "hop_length": 256, "n_mels": 80,
        "fmin": 0.0, "fmax": 8000.0, "log_base": "e", "floor": 1e-8, "normalisation": "none",
        "padding": "center-reflect",
    },
    # HTK's mel filters at 16 kHz with a 12.5 ms hop, as the corpora here are recorded.
    "htk-16k": SLANEY | {
        "sample_rate": 16000, "n_fft": 1024, "win_length": 800, "hop_length": 200, "n_mels": 80,
        "fmin": 0.0, "fmax": 8000.0, "mel_scale": "htk", "mel_norm": "none", "log_base": "e",
        "floor": 1e-5, "normalisation": "none", "padding": "center-reflect",
    },
}  # fmt: skip
"""Named conventions; any single key of the settings overrides the preset's."""


class MelSettings(Settings):
    """Settings of the `mel` features: a preset, and whatever differs from it.

    A preset's ``fmax`` is lowered to half of a lower ``sample_rate``.
    """

    preset: Literal["hifigan", "tacotron2", "coqui", "coqui-ljspeech", "htk-16k"] = "hifigan"
    sample_rate: int | None = Field(
        default=None, ge=1000, le=768_000, description="Hz; recordings must have this rate"
    )
    n_fft: int | None = Field(default=None, ge=16, le=32_768, multiple_of=2)
    win_length: int | None = Field(default=None, ge=16, description="samples, up to n_fft")
    hop_length: int | None = Field(default=None, ge=1, le=32_768)
    window: Literal["hann", "hamming", "blackman"] | None = None
    n_mels: int | None = Field(default=None, ge=1, le=1024)
    fmin: float | None = Field(default=None, ge=0, description="Hz")
    fmax: float | None = Field(default=None, gt=0, description="Hz, up to half the sample rate")
    mel_scale: Literal["slaney", "htk"] | None = None
    mel_norm: Literal["slaney", "none"] | None = None
    power: float | None = Field(default=None, gt=0, description="1 magnitude, 2 power")
    log_base: Literal["e", "10", "db", "none"] | None = None
    floor: float | None = Field(default=None, gt=0, description="smallest value before the logarithm")
    normalisation: str | None = Field(
        default=None,
        pattern=r"^(none|(symmetric|range)-\d+(\.\d+)?(:-\d+(\.\d+)?:-?\d+(\.\d+)?)?)$",
        description="'none', 'symmetric-4' (Coqui), 'range-1', or 'symmetric-4:-100:20' with the levels in "
        "dB",
    )
    padding: Literal["reflect", "constant", "none", "center-reflect", "center-constant"] | None = None

    def check(self) -> None:
        """See `Settings.check`."""
        s = self.view()
        if s.win_length > s.n_fft:
            raise ValueError(f"win_length ({s.win_length}) must not exceed n_fft ({s.n_fft})")
        if s.hop_length > s.n_fft:
            raise ValueError(f"hop_length ({s.hop_length}) must not exceed n_fft ({s.n_fft})")
        if not s.fmin < s.fmax <= s.sample_rate / 2:
            raise ValueError(
                f"need fmin < fmax <= sample_rate / 2, and have {s.fmin}, {s.fmax}, {s.sample_rate / 2}"
            )
        empty = int((filterbank(s).max(1) == 0).sum())
        if empty:
            raise ValueError(
                f"{empty} of {s.n_mels} mel bands hold no frequency bin: fewer n_mels or a larger n_fft"
            )
        if s.normalisation != "none" and s.log_base != "db":
            raise ValueError(f"normalisation {s.normalisation!r} is stated in dB: set log_base = 'db'")

    def view(self) -> MelSpec:
        """The preset's numbers with what was set here."""
        own = self.model_dump(exclude_none=True)
        del own["preset"]
        values = {**PRESETS[self.preset], **own}
        if "fmax" not in own:  # a preset's upper edge gives way at a lower rate, a user's own never
            values["fmax"] = min(values["fmax"], values["sample_rate"] / 2)
        return MelSpec(**values)


class MelFeatures(FeatureExtractor):
    """Stream ``mel`` (T, n_mels) under the spec that the settings state."""

    Config = MelSettings
    version = "1"

    @cached_property
    def spec(self) -> FeatureSpec:
        """The contract of the frames."""
        return self.view.spec

    @cached_property
    def view(self) -> MelSpec:
        """What the frames are."""
        return self.config.view()

    @classmethod
    def matching(cls, accepted: Demand, sample_rate: int) -> MelFeatures | None:
        """See `FeatureExtractor.matching`; open fields are the HiFi-GAN preset's."""
        if accepted.kind not in ("mel", OPEN):
            return None
        stated = {k: v for k, v in MelSpec.stated(accepted).items() if k in MelSettings.model_fields}
        asked = {"sample_rate": sample_rate} | stated
        try:
            found = cls(MelSettings(**asked))
        except ValueError:  # no settings of ours give what is asked
            return None
        return found if accepted.accepts(found.spec) else None

    def extract(self, waveform: Waveform, alignment: Alignment | None = None) -> Frames:
        """Frames of `waveform`.

        Raises
        ------
        AudioError
            The recording is at another rate, too short for one frame, silent throughout or not finite.
        """
        view = self.view
        x = usable(waveform, sample_rate=view.sample_rate, minimum=shortest(view), what="features 'mel'")
        return Frames({"mel": np.ascontiguousarray(mel_spectrum(x, view))}, self.spec).check()
