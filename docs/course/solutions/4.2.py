# SPDX-License-Identifier: Apache-2.0
import numpy as np


def difference(x, longest):
    window = len(x) - longest
    return np.array(
        [np.sum((x[:window] - x[k : k + window]) ** 2) for k in range(longest + 1)]
    )
