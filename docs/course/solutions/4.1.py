# SPDX-License-Identifier: Apache-2.0
import numpy as np


def octave_errors(f0, truth):
    both = (f0 > 0) & (truth > 0)
    return np.mean(np.abs(np.log2(f0[both] / truth[both])) > 0.5)
