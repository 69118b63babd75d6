# SPDX-License-Identifier: Apache-2.0
import numpy as np


def typical(seconds):
    return np.exp(np.mean(np.log(seconds)))
