# SPDX-License-Identifier: Apache-2.0
import numpy as np


def said(x):
    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    y = np.clip(np.round(y * 128), -128, 127) / 128
    return np.sign(y) * (256 ** np.abs(y) - 1) / 255
