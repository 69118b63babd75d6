# SPDX-License-Identifier: Apache-2.0
import numpy as np


def joined(a, b, fade):
    weight = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    mixed = (1 - weight) * a[-fade:] + weight * b[:fade]
    return np.concatenate([a[:-fade], mixed, b[fade:]])
