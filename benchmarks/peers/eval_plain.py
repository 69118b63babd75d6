"""The plain composition of pyworld, pysptk, fastdtw, pesq and pystoi that VERSA's metrics are made of.

Our own words for the same calls, with the same settings, one file pair after another, nothing shared.
"""

from __future__ import annotations

import numpy as np
import pysptk
from fastdtw import fastdtw
from pesq import pesq
from pystoi import stoi
from scipy.signal import firwin, lfilter
from scipy.spatial.distance import euclidean
from scipy.stats import pearsonr

from synthkit.dsp.world import load_pyworld

K = 10.0 / np.log(10.0) * np.sqrt(2.0)


def features(samples, rate):
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
    """MCD, F0 RMSE and correlation without alignment; NaN where VERSA refuses."""
    f_test, c_test, _ = features(test, rate)
    f_ref, c_ref, _ = features(reference, rate)
    n = min(len(f_test), len(f_ref))
    if (len(f_test) + len(f_ref) - 2 * n) / (len(f_test) + len(f_ref)) >= 0.1:
        return float("nan"), float("nan"), float("nan")
    mcd = K * np.sqrt(((c_test[:n] - c_ref[:n]) ** 2).sum(1)).mean()
    return mcd, np.sqrt(np.mean((f_test[:n] - f_ref[:n]) ** 2)), pearsonr(f_test[:n], f_ref[:n])[0]


def mcd_f0_dtw(reference, test, rate):
    """The same with VERSA's two alignments."""
    f_test, c_test, p_test = features(test, rate)
    f_ref, c_ref, p_ref = features(reference, rate)
    a, b = c_test[p_test > -20], c_ref[p_ref > -20]
    path = np.array(fastdtw(a, b, dist=euclidean)[1])
    mcd = K * np.sqrt(((a[path[:, 0]] - b[path[:, 1]]) ** 2).sum(1)).mean()
    voiced_test, voiced_ref = f_test > 0, f_ref > 0
    path = np.array(fastdtw(c_test[voiced_test], c_ref[voiced_ref], dist=euclidean)[1])
    x, y = f_test[voiced_test][path[:, 0]], f_ref[voiced_ref][path[:, 1]]
    return mcd, np.sqrt(np.mean((x - y) ** 2)), pearsonr(x, y)[0]


def quality(reference, test, rate):
    """PESQ-WB, STOI (16 kHz)."""
    n = min(len(reference), len(test))
    return pesq(rate, reference, test, "wb"), stoi(reference[:n], test[:n], rate)
