# SPDX-License-Identifier: Apache-2.0
import numpy as np


def cepstrum(frame):
    return np.fft.irfft(np.log(np.abs(np.fft.rfft(frame))))
