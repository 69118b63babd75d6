# SPDX-License-Identifier: Apache-2.0
import numpy as np


def tone(samples, rate):
    magnitude = np.abs(np.fft.rfft(samples))
    magnitude[0] = 0.0  # what is constant is no tone
    return np.argmax(magnitude) * rate / len(samples)
