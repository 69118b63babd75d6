# SPDX-License-Identifier: Apache-2.0
import numpy as np


def distance(a, b):
    return (
        10
        / np.log(10)
        * np.sqrt(2 * np.sum((np.asarray(a)[1:] - np.asarray(b)[1:]) ** 2))
    )
