# SPDX-License-Identifier: Apache-2.0
import numpy as np
from scipy import stats


def interval(a, b):
    d = np.asarray(b) - np.asarray(a)  # sentence by sentence: hard ones cancel
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half
