# SPDX-License-Identifier: Apache-2.0
import numpy as np


def couple(left, right, least):
    distance = ((left[:, None] - right[None]) ** 2).sum(-1)
    i, j = np.indices(distance.shape)
    distance[i + len(right) - j < least] = np.inf
    return np.unravel_index(distance.argmin(), distance.shape)
