# SPDX-License-Identifier: Apache-2.0
import numpy as np


def likelihood(p, stay):
    forward = np.zeros(p.shape[1])
    forward[0] = p[0, 0]
    for row in p[1:]:
        new = forward * stay
        new[1:] += forward[:-1] * (1 - stay)
        forward = new * row
    return forward[-1]  # all phones were said
