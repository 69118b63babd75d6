# SPDX-License-Identifier: Apache-2.0
import numpy as np


def jitter(periods):
    return 100 * np.mean(np.abs(np.diff(periods))) / np.mean(periods)
