# SPDX-License-Identifier: Apache-2.0
import numpy as np


def search(magnitude, phases, rounds, to_samples, to_spectra):
    X = magnitude * phases
    for _ in range(rounds):
        P = to_spectra(to_samples(X))
        X = magnitude * P / np.maximum(np.abs(P), 1e-12)
    return to_samples(X)
