# SPDX-License-Identifier: Apache-2.0
"""Other tools' figures of two files: the tools themselves where an index has them, else what they are
composed of.

Our own words for the calls of pyworld, pysptk, fastdtw, pesq, pystoi and librosa that VERSA's ``mcd_f0``,
ESPnet's ``evaluate_mcd.py``, ``evaluate_f0.py`` and ``evaluate_vuv.py``, and Merlin's feature extraction and
``compute_distortion.py`` make, with the same settings, one file pair after another, no code shared with
synthkit's metrics. ``pymcd`` and ``mel-cepstral-distance`` are called.

Each gives ``{definition: value}`` of (recording, test); a figure that the tool refuses is None. `TOOLS` lists
them, `differences` holds them against synthkit's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import pysptk
import soundfile
from fastdtw import fastdtw
from scipy.signal import firwin, lfilter
from scipy.spatial.distance import euclidean
from scipy.stats import pearsonr

from synthkit.dsp.world import load_pyworld
from synthkit.eval import EvalSample, measure
from synthkit.eval.entries import find_metrics
from synthkit.eval.files import read_clip
from synthkit.plugins import registry

K = 10.0 / np.log(10.0) * np.sqrt(2.0)
Figures = dict[str, float | None]


def path_of(a, b):
    """FastDTW's path as two index arrays."""
    return np.array(fastdtw(a, b, dist=euclidean)[1]).T


# VERSA


def versa_files(reference: Path, test: Path) -> tuple[np.ndarray, np.ndarray, int]:
    """First channels at the lower of the two rates, as VERSA's scorer hands them to its metrics."""
    (r, r_rate), (t, t_rate) = (soundfile.read(f, always_2d=True) for f in (reference, test))
    r, t, rate = r[:, 0], t[:, 0], min(r_rate, t_rate)
    if r_rate != rate:
        r = librosa.resample(r, orig_sr=r_rate, target_sr=rate)
    if t_rate != rate:
        t = librosa.resample(t, orig_sr=t_rate, target_sr=rate)
    return r, t, rate


def versa_features(samples, rate):
    """F0, mel-cepstra and frame power of one signal, as VERSA computes them (aperiodicity included)."""
    pw = load_pyworld()
    x = lfilter(firwin(255, 70 / (rate // 2), pass_zero=False), 1, samples * 32767.0)
    f0, times = pw.harvest(x, rate, f0_floor=40, f0_ceil=800, frame_period=5)
    envelope = pw.cheaptrick(x, f0, times, rate, fft_size=1024)
    pw.d4c(x, f0, times, rate, fft_size=1024)
    mcep = pysptk.sp2mc(envelope, 39, 0.466)
    power = np.apply_along_axis(lambda s: (s[0] + s[-1] + 2 * sum(s[1:-1])) / (2 * (len(s) - 1)), 1, envelope)
    return f0, mcep, 10 * np.log10(power / power.mean())


def mcd_f0(reference, test, rate):
    """VERSA's MCD, F0 RMSE and correlation without alignment; NaN where VERSA refuses."""
    f_test, c_test, _ = versa_features(test, rate)
    f_ref, c_ref, _ = versa_features(reference, rate)
    n = min(len(f_test), len(f_ref))
    if (len(f_test) + len(f_ref) - 2 * n) / (len(f_test) + len(f_ref)) >= 0.1:
        return float("nan"), float("nan"), float("nan")
    mcd = K * np.sqrt(((c_test[:n] - c_ref[:n]) ** 2).sum(1)).mean()
    return mcd, np.sqrt(np.mean((f_test[:n] - f_ref[:n]) ** 2)), pearsonr(f_test[:n], f_ref[:n])[0]


def mcd_f0_dtw(reference, test, rate):
    """The same with VERSA's two alignments."""
    f_test, c_test, p_test = versa_features(test, rate)
    f_ref, c_ref, p_ref = versa_features(reference, rate)
    a, b = c_test[p_test > -20], c_ref[p_ref > -20]
    i, j = path_of(a, b)
    mcd = K * np.sqrt(((a[i] - b[j]) ** 2).sum(1)).mean()
    voiced_test, voiced_ref = f_test > 0, f_ref > 0
    if not voiced_test.any() or not voiced_ref.any():
        return mcd, float("nan"), float("nan")
    i, j = path_of(c_test[voiced_test], c_ref[voiced_ref])
    x, y = f_test[voiced_test][i], f_ref[voiced_ref][j]
    return mcd, np.sqrt(np.mean((x - y) ** 2)), pearsonr(x, y)[0]


def quality(reference, test, rate):
    """PESQ and STOI as VERSA calls the packages."""
    from pesq import pesq
    from pystoi import stoi

    n = min(len(reference), len(test))
    target = 16000 if rate >= 16000 else 8000
    r, t = (
        x if rate == target else librosa.resample(x, orig_sr=rate, target_sr=target)
        for x in (reference, test)
    )
    intelligibility = stoi(reference[:n], test[:n], rate)
    # pystoi's way of saying that there is too little speech.
    return pesq(
        target, r, t, "wb" if target == 16000 else "nb"
    ), intelligibility if intelligibility != 1e-5 else float("nan")


def versa(reference: Path, test: Path) -> Figures:
    """``mcd_f0`` with and without DTW."""
    r, t, rate = versa_files(reference, test)
    values = (*mcd_f0(r, t, rate), *mcd_f0_dtw(r, t, rate))
    keys = [
        f"{metric}/{id}" for id in ("versa", "versa-dtw") for metric in ("mcd", "f0-rmse", "f0-correlation")
    ]
    return {key: None if math.isnan(v) else float(v) for key, v in zip(keys, values, strict=True)}


def versa_quality(reference: Path, test: Path) -> Figures:
    """PESQ and STOI."""
    values = quality(*versa_files(reference, test))
    return {
        key: None if math.isnan(v) else v for key, v in zip(("pesq/wb", "stoi/pystoi"), values, strict=True)
    }


# ESPnet

ESPNET = {16000: (23, 0.42), 22050: (34, 0.45), 24000: (34, 0.46), 44100: (39, 0.53), 48000: (39, 0.55)}


def espnet(reference: Path, test: Path) -> Figures:
    """MCD by STFT mel-cepstra; log F0 RMSE and V/UV error by WORLD."""
    nothing: Figures = dict.fromkeys(("mcd/espnet", "log-f0-rmse/espnet", "vuv-error/espnet"))
    (gt, gt_rate), (gen, rate) = (soundfile.read(f, dtype="int16") for f in (reference, test))
    if gt.ndim > 1 or gen.ndim > 1 or rate not in ESPNET:
        return nothing
    if gt_rate != rate:
        gt = librosa.resample(gt.astype(float), orig_sr=gt_rate, target_sr=rate)
    order, alpha = ESPNET[rate]

    def stft_mcep(x):
        window = pysptk.sptk.hamming(1024)
        frames = [x[256 * i : 256 * i + 1024] * window for i in range((len(x) - 1024) // 256 + 1)]
        return [pysptk.mcep(f, order, alpha, eps=1e-6, etype=1) for f in frames]

    def world(x):
        pw, x = load_pyworld(), x.astype(np.float64)
        f0, times = pw.harvest(x, rate, f0_floor=40, f0_ceil=800, frame_period=256 / rate * 1000)
        return pysptk.sp2mc(pw.cheaptrick(x, f0, times, rate, fft_size=1024), order, alpha), f0

    out = dict(nothing)
    a, b = stft_mcep(gen), stft_mcep(gt)
    if a and b:
        a, b = np.stack(a), np.stack(b)
        i, j = path_of(a, b)
        out["mcd/espnet"] = float(np.mean(K * np.sqrt(np.sum((a[i] - b[j]) ** 2, 1))))
    (c_gen, f_gen), (c_gt, f_gt) = world(gen), world(gt)
    i, j = path_of(c_gen, c_gt)
    x, y = f_gen[i], f_gt[j]
    out["vuv-error/espnet"] = 100.0 * float(np.mean((x != 0) != (y != 0)))
    both = (x != 0) & (y != 0)
    if both.any():
        out["log-f0-rmse/espnet"] = float(np.sqrt(np.mean((np.log(x[both]) - np.log(y[both])) ** 2)))
    return out


# Merlin


def merlin(reference: Path, test: Path) -> Figures:
    """``extract_features_for_merlin`` and ``IndividualDistortionComp`` over one utterance."""
    nothing: Figures = dict.fromkeys(("mcd/merlin", "bap/merlin", "f0-rmse/merlin", "vuv-error/merlin"))
    (r, r_rate), (t, rate) = (soundfile.read(f) for f in (reference, test))
    alphas = {16000: 0.58, 22050: 0.65, 44100: 0.76, 48000: 0.77}
    if r.ndim > 1 or t.ndim > 1 or r_rate != rate or rate not in alphas:
        return nothing

    def features(x):
        pw = load_pyworld()
        f0, times = pw.dio(x, rate, f0_floor=71.0, f0_ceil=800.0, frame_period=5.0, allowed_range=0.1)
        f0 = pw.stonemask(x, f0, times, rate)
        amplitude = np.sqrt(pw.cheaptrick(x, f0, times, rate, q1=-0.15, f0_floor=71.0)) * 32768.0
        options = {"eps": 1e-8, "etype": 1, "maxiter": 0, "min_det": 0.0, "itype": 3}
        mgc = pysptk.mcep(amplitude, 59, alphas[rate], **options)
        return f0, mgc, pw.code_aperiodicity(pw.d4c(x, f0, times, rate), rate)

    ref, gen = features(r), features(t)
    if abs(len(ref[0]) - len(gen[0])) > 2:
        return nothing
    n = min(len(ref[0]), len(gen[0]))
    (f_ref, mgc_ref, bap_ref), (f_gen, mgc_gen, bap_gen) = (
        [x[:n] for x in features] for features in (ref, gen)
    )
    both, one = (f_ref > 0) & (f_gen > 0), (f_ref > 0) != (f_gen > 0)
    return {
        "mcd/merlin": float(K * np.sqrt(((mgc_ref[:, 1:] - mgc_gen[:, 1:]) ** 2).sum(1)).sum() / n),
        "bap/merlin": float(np.sqrt(((bap_ref - bap_gen) ** 2).sum(1)).sum() / n / 10.0),
        "f0-rmse/merlin": float(np.sqrt(np.mean((f_ref[both] - f_gen[both]) ** 2))) if both.any() else None,
        "vuv-error/merlin": 100.0 * float(one.sum() / n),
    }


# Tools that are on the index


def pymcd(reference: Path, test: Path) -> Figures:
    """The package's three modes."""
    load_pyworld()  # pyworld itself asks for pkg_resources otherwise
    from pymcd.mcd import Calculate_MCD

    modes = {"mcd/pymcd": "plain", "mcd/pymcd-dtw": "dtw", "mcd/pymcd-dtw_sl": "dtw_sl"}
    return {
        key: Calculate_MCD(MCD_mode=mode).calculate_mcd(str(reference), str(test))
        for key, mode in modes.items()
    }


def mel_cepstral_distance(reference: Path, test: Path) -> Figures:
    """The package's ``compare_audio_files``."""
    from mel_cepstral_distance import compare_audio_files

    try:
        value = compare_audio_files(str(reference), str(test))[0]
    except ValueError:  # it has no message of its own for two channels
        return {"mcd/mel-cepstral-distance": None}
    return {"mcd/mel-cepstral-distance": float(value)}


@dataclass(frozen=True)
class Tool:
    """A tool beside ours.

    Attributes
    ----------
    figures : callable
        Of this module.
    metrics : tuple of str
        synthkit's registered metrics that give the same figures.
    packages : tuple of str
        What must be importable.
    """

    figures: Callable[[Path, Path], Figures]
    metrics: tuple[str, ...]
    packages: tuple[str, ...] = ()


TOOLS = {
    "versa": Tool(versa, ("mcd-versa", "mcd-versa-dtw")),
    "espnet": Tool(espnet, ("mcd-espnet", "f0-espnet")),
    "merlin": Tool(merlin, ("mcd-merlin",)),
    "pymcd": Tool(pymcd, ("mcd-pymcd",), ("pymcd",)),
    "mel-cepstral-distance": Tool(
        mel_cepstral_distance, ("mcd-mel-cepstral-distance",), ("mel_cepstral_distance",)
    ),
    "pesq, pystoi": Tool(versa_quality, ("pesq", "stoi"), ("pesq", "pystoi")),
}


def differences(
    tool: Tool, reference: Path, test: Path
) -> list[tuple[str, float | None, float | None, float]]:
    """``(figure, the tool's, ours, relative difference)``; infinite where only one of the two has a value."""
    metrics = [entry.make() for entry, _ in find_metrics(registry(), tool.metrics)[0]]
    sample = EvalSample("pair", "", "ru", read_clip(test), read_clip(reference))
    ours = {m.key: m.value for metric in metrics for m in measure(metric, sample)}
    out = []
    for key, theirs in tool.figures(reference, test).items():
        mine = ours[key]
        if theirs is None or mine is None:
            out.append((key, theirs, mine, 0.0 if theirs is mine else math.inf))
        else:
            # A figure that is nothing but rounding (a V/UV error of 0) has no relative difference.
            out.append((key, theirs, mine, abs(mine - theirs) / max(abs(theirs), 1e-9)))
    return out
