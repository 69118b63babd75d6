# SPDX-License-Identifier: Apache-2.0
import numpy as np


def train(a, y, penalty):
    return np.linalg.solve(a.T @ a + penalty * np.eye(a.shape[1]), a.T @ y)
