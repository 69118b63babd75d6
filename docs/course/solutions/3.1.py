# SPDX-License-Identifier: Apache-2.0
import numpy as np


def mel(f):
    return 2595 * np.log10(1 + f / 700)


def halfway(low, high):
    return 700 * (10 ** ((mel(low) + mel(high)) / 2 / 2595) - 1)
