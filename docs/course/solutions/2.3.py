# SPDX-License-Identifier: Apache-2.0
import numpy as np


def formants(a, rate):
    zeros = np.roots(np.append(1.0, -np.asarray(a)))
    zeros = zeros[zeros.imag > 0]  # one of each pair; real ones are no resonance
    return np.sort(np.angle(zeros)) * rate / (2 * np.pi)
