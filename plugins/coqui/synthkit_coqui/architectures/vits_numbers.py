# SPDX-License-Identifier: Apache-2.0
"""VITS without torch: the same weights, spoken by numpy, with the same draws as torch's on a CPU.

J. Kim, J. Kong, J. Son, "Conditional variational autoencoder with adversarial learning for end-to-end
text-to-speech", ICML 2021; splines by C. Durkan et al., "Neural spline flows", NeurIPS 2019; generator by
J. Kong, J. Kim, J. Bae, "HiFi-GAN", NeurIPS 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np

from synthkit_coqui.architectures import coqui_config
from synthkit_coqui.architectures.arrays import Arrays, convolved
from synthkit_coqui.architectures.draws import Draws
from synthkit_coqui.description import VoiceConfig
from synthkit_coqui.speaking import Speaking, as_asked

EPSILON = 1e-5
SLOPE, LAST_SLOPE = 0.1, 0.01
"""Of what is negative in the generator, and before its last layer."""
LONG = 2.0
"""Seconds of speech from which on ONNX Runtime renders: it is twice as quick as numpy, and being made ready
it has cost what that saves of two seconds. By the length alone, so that a text is the same each time."""
BOUND, LEAST = 5.0, 1e-3
"""Splines bend what is within this bound; a bin's least share of it, which is the least slope, too."""
USUAL = {
    "num_heads_text_encoder": 2, "inference_noise_scale": 0.667, "inference_noise_scale_dp": 1.0,
    "length_scale": 1.0, "dilation_rate_flow": 1, "use_sdp": True, "resblock_type_decoder": "1",
    "resblock_kernel_sizes_decoder": [3, 7, 11],
    "resblock_dilation_sizes_decoder": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
}  # fmt: skip
"""What coqui-tts's model has where a description says nothing else."""


def speaks(voice: VoiceConfig) -> bool:
    """Whether a voice is of the usual kind: one speaker and language, latents at the pace of its frames."""
    return (
        voice.conditioning == "none"
        and not voice.language_embedding
        and not voice.model.get("encoder_sample_rate")
    )


class VitsNumbers(Arrays):
    """A trained VITS as arrays; see `Arrays`."""

    silent = ("posterior_encoder.", "duration_predictor.post_", "duration_predictor.flows.1.")

    def prepared(self) -> str:
        """See `Arrays.prepared`."""
        self.settings = {**USUAL, **self.voice.model}
        hop = int(self.voice.audio["hop_length"])
        self.rates = self.settings.get("upsample_rates_decoder") or coqui_config.upsample_factors(hop)
        x, mean, logs = self._encoded([0, 1])
        self._logarithms(x, Draws(0))
        self._samples(self._unflowed(np.concatenate([mean, logs], 1)))
        return ""

    def speak(self, ids: Sequence[int], how: Speaking, limit: int | None = None) -> np.ndarray:
        """Samples ``(N,)``, float32.

        Parameters
        ----------
        ids : sequence of int
        how : Speaking
        limit : int, optional
            Frames at most.

        Raises
        ------
        ConfigError
            A speed that leaves less than a frame for a token.
        """
        draws = Draws(how.seed)
        x, mean, logs = self._encoded(ids)
        with np.errstate(over="ignore"):  # of what has learned nothing, which is not believed
            lasting = np.exp(self._logarithms(x, draws)) * np.float32(self.settings["length_scale"])
        frames = as_asked(np.maximum(np.ceil(lasting), 1), how, self.voice.period)
        whole = frames.astype(np.int64)
        mean, logs = (np.repeat(part, whole, axis=1) for part in (mean, logs))
        strays = self.settings["inference_noise_scale"] if how.noise_scale is None else how.noise_scale
        drawn = draws.normal(mean.T.shape, beside=False).T  # the module's lie frame by frame
        z = mean + drawn * np.exp(logs) * np.float32(strays)
        latent = self._unflowed(z)[:, :limit]
        long = latent.shape[1] * self.voice.period > LONG
        return (self._rendering if long else self._samples)(latent)

    def _encoded(self, ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is known of each token ``(H, N)``, and mean and ln deviation of its frames."""
        x = self._embedded("text_encoder.emb.weight", ids)
        heads = int(self.settings["num_heads_text_encoder"])
        x = self._transformed("text_encoder.encoder", x * np.float32(np.sqrt(len(x))), heads, EPSILON)
        mean, logs = np.split(self._convolve("text_encoder.proj", x), 2)
        return x, mean, logs

    # Durations
    # -----------------------------------------------------------------------------------------------------

    def _logarithms(self, x: np.ndarray, draws: Draws) -> np.ndarray:
        """Logarithms of the frames that tokens last ``(N,)``."""
        at = "duration_predictor"
        if not self.settings["use_sdp"]:
            return self._durations(at, x)
        x = self._convolve(f"{at}.proj", self._apart(f"{at}.convs", self._convolve(f"{at}.pre", x)))
        z = draws.normal((2, x.shape[1])) * np.float32(self.settings["inference_noise_scale_dp"])
        for k in reversed(range(2, self._count(f"{at}.flows."))):
            first, second = z[1:], z[:1]  # turned over
            h = self._apart(f"{at}.flows.{k}.convs", self._convolve(f"{at}.flows.{k}.pre", first) + x)
            h = self._convolve(f"{at}.flows.{k}.proj", h)
            z = np.concatenate([first, unbent(second[0], h, x.shape[0])[None]])
        z = z[::-1] - self._get(f"{at}.flows.0.translation")
        out: np.ndarray = (z * np.exp(-self._get(f"{at}.flows.0.log_scale")))[0]
        return out

    def _apart(self, at: str, x: np.ndarray) -> np.ndarray:
        """Convolutions of each channel by itself, further and further, and of each place by itself."""
        for k in range(self._count(f"{at}.convs_sep.")):
            kernel = self._get(f"{at}.convs_sep.{k}.weight")
            y = convolved(x, kernel, self._get(f"{at}.convs_sep.{k}.bias"), kernel.shape[2] ** k, apart=True)
            y = bell(self._normal(f"{at}.norms_1.{k}", y, EPSILON))
            y = self._convolve(f"{at}.convs_1x1.{k}", y)
            x = x + bell(self._normal(f"{at}.norms_2.{k}", y, EPSILON))
        return x

    # Frames and samples
    # -----------------------------------------------------------------------------------------------------

    def _unflowed(self, z: np.ndarray) -> np.ndarray:
        """The flow backwards."""
        base = int(self.settings["dilation_rate_flow"])
        for k in reversed(range(self._count("flow.flows."))):
            first, second = np.split(z[::-1], 2)
            h = self._gated(f"flow.flows.{k}.enc", self._convolve(f"flow.flows.{k}.pre", first), base)
            z = np.concatenate([first, second - self._convolve(f"flow.flows.{k}.post", h)])
        return z

    @cached_property
    def _rendering(self) -> Callable[[np.ndarray], np.ndarray]:
        """HiFi-GAN's generator by ONNX Runtime, where that is installed, else as it is."""
        if any(find_spec(name) is None for name in ("onnx", "onnxruntime")):
            return self._samples
        from synthkit.generator_graph import Layers, Rendering

        at, settings = "waveform_decoder", self.settings
        kinds = settings["resblock_dilation_sizes_decoder"]
        twice = str(settings["resblock_type_decoder"]) == "1"

        def layer(name: str) -> tuple[np.ndarray, np.ndarray]:
            kernel = self._kernel(name)
            bias = self._get(f"{name}.bias") if f"{name}.bias" in self._weights else None
            return kernel, np.zeros(len(kernel), np.float32) if bias is None else bias

        def stack(number: int, dilations: Sequence[int]) -> tuple[Any, ...]:
            block = f"{at}.resblocks.{number}"
            return tuple(
                (layer(f"{block}.convs1.{k}"), layer(f"{block}.convs2.{k}"), far)
                if twice
                else (layer(f"{block}.convs.{k}"), None, far)
                for k, far in enumerate(dilations[: 3 if twice else 2])
            )

        return Rendering(
            Layers(
                layer(f"{at}.conv_pre"),
                tuple((layer(f"{at}.ups.{k}"), rate) for k, rate in enumerate(self.rates)),
                tuple(
                    tuple(stack(k * len(kinds) + n, far) for n, far in enumerate(kinds))
                    for k in range(len(self.rates))
                ),
                layer(f"{at}.conv_post"),
            )
        )

    def _samples(self, z: np.ndarray) -> np.ndarray:
        """HiFi-GAN's generator."""
        at, settings = "waveform_decoder", self.settings
        shapes = list(
            zip(
                settings["resblock_kernel_sizes_decoder"],
                settings["resblock_dilation_sizes_decoder"],
                strict=True,
            )
        )
        x = self._convolve(f"{at}.conv_pre", z)
        for k, rate in enumerate(self.rates):
            x = self._longer(f"{at}.ups.{k}", leaky(x, SLOPE), rate)
            blocks = [
                self._block(f"{at}.resblocks.{k * len(shapes) + n}", x, dilations)
                for n, (_, dilations) in enumerate(shapes)
            ]
            x = sum(blocks[1:], blocks[0]) / np.float32(len(blocks))
        made = np.tanh(self._convolve(f"{at}.conv_post", leaky(x, LAST_SLOPE)))
        if len(made) != 1:
            raise ValueError(f"{len(made)} waveforms")
        out: np.ndarray = made[0]
        return out

    def _block(self, at: str, x: np.ndarray, dilations: Sequence[int]) -> np.ndarray:
        twice = str(self.settings["resblock_type_decoder"]) == "1"
        for k, dilation in enumerate(dilations[: 3 if twice else 2]):  # the module takes no more of them
            y = self._convolve(f"{at}.convs{'1' if twice else ''}.{k}", leaky(x, SLOPE), dilation)
            x = x + (self._convolve(f"{at}.convs2.{k}", leaky(y, SLOPE)) if twice else y)
        return x

    def _longer(self, at: str, x: np.ndarray, rate: int) -> np.ndarray:
        """A transposed convolution, ``(C, T)`` to ``(D, rate T)``."""
        kernel, time = self._kernel(at), x.shape[1]
        taps = kernel.shape[2]
        out = np.zeros((kernel.shape[1], (time - 1) * rate + taps), np.float32)
        for k in range(taps):
            out[:, k : k + (time - 1) * rate + 1 : rate] += kernel[:, :, k].T @ x
        edge = (taps - rate) // 2
        return out[:, edge : out.shape[1] - edge] + self._get(f"{at}.bias")[:, None]


def leaky(x: np.ndarray, slope: float) -> np.ndarray:
    """What is negative made smaller."""
    out: np.ndarray = np.maximum(x, x * np.float32(slope))
    return out


def bell(x: np.ndarray) -> np.ndarray:
    """``x`` times the share of a normal distribution below it (GELU)."""
    from scipy.special import ndtr

    out: np.ndarray = x * ndtr(x)
    return out


def unbent(y: np.ndarray, h: np.ndarray, channels: int) -> np.ndarray:
    """What a spline of rational quadratic pieces took to `y`; beyond `BOUND` it changes nothing.

    Parameters
    ----------
    y : ndarray, shape (N,)
    h : ndarray, shape (3 B - 1, N)
        What was predicted of its B bins: widths, heights, slopes between them.
    channels : int
        Of the net that predicted, whose root the first two are divided by.

    Returns
    -------
    ndarray, shape (N,), float32
    """
    bins = (len(h) + 1) // 3
    scale = np.float32(1 / np.sqrt(channels))
    edges, tops = (edged(h[k * bins : (k + 1) * bins] * scale) for k in (0, 1))
    flat = np.float32(np.log(np.exp(1 - LEAST) - 1))
    slopes = np.pad(h[2 * bins :], ((1, 1), (0, 0)), constant_values=flat)
    slopes = LEAST + np.logaddexp(slopes, 0)
    inside = np.abs(y) <= BOUND
    at = np.clip((np.where(inside, y, 0) >= tops).sum(0) - 1, 0, bins - 1)
    column = np.arange(len(y))
    width, height = (part[at + 1, column] - part[at, column] for part in (edges, tops))
    left, right = slopes[at, column], slopes[at + 1, column]
    steep, above = height / width, y - tops[at, column]
    bend = left + right - 2 * steep
    a = above * bend + height * (steep - left)
    b = height * left - above * bend
    c = -steep * above
    under = np.maximum(b**2 - 4 * a * c, 0)
    with np.errstate(divide="ignore", invalid="ignore"):  # where nothing is bent
        found = 2 * c / (-b - np.sqrt(under)) * width + edges[at, column]
    return np.asarray(np.where(inside, found, y), np.float32)


def edged(shares: np.ndarray) -> np.ndarray:
    """Edges ``(B + 1, N)`` of bins from ``-BOUND`` to ``BOUND``."""
    shares = np.exp(shares - shares.max(0))
    shares = LEAST + (1 - LEAST * len(shares)) * shares / shares.sum(0)
    edges = np.pad(np.cumsum(shares, 0), ((1, 0), (0, 0))) * (2 * BOUND) - BOUND
    edges[-1] = BOUND
    return edges
