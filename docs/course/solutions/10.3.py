# SPDX-License-Identifier: Apache-2.0
import numpy as np


def durations(fits):
    T, J = fits.shape
    Q = np.full((T, J), -np.inf)
    Q[0, 0] = fits[0, 0]
    for t in range(1, T):
        step = np.concatenate([[-np.inf], Q[t - 1, :-1]])
        Q[t] = fits[t] + np.maximum(Q[t - 1], step)
    took, j = np.zeros(J, int), J - 1
    for t in range(T - 1, -1, -1):
        took[j] += 1
        if t and j and Q[t - 1, j - 1] > Q[t - 1, j]:
            j -= 1
    return took
