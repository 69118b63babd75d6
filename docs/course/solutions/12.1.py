# SPDX-License-Identifier: Apache-2.0
import numpy as np


def warped(distances):
    n, m = distances.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(n):
        for j in range(m):
            before = min(total[i, j], total[i, j + 1], total[i + 1, j])
            total[i + 1, j + 1] = distances[i, j] + before
    return total[n, m]
