# SPDX-License-Identifier: Apache-2.0
import numpy as np


def leap(before, after):
    if before == 0 or after == 0:
        return 0.0
    return 12 * abs(np.log2(after / before))
