# SPDX-License-Identifier: Apache-2.0
import numpy as np


def louder(a, b):
    # A ratio of powers, so 10 and not 20; the means make lengths not matter.
    return 10 * np.log10(np.mean(a**2) / np.mean(b**2))
