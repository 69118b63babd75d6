# SPDX-License-Identifier: Apache-2.0
import numpy as np


def sharpen(frames, natural, share):
    mean = frames.mean(0)
    factor = np.sqrt(natural / frames.var(0))
    return mean + (1 + share * (factor - 1)) * (frames - mean)
