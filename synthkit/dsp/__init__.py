# SPDX-License-Identifier: Apache-2.0
"""Signal processing that several plugins share, in numpy alone; may depend on `synthkit.types` and `.errors`.

checks.py       recordings that cannot be analysed are refused, with a reason
melcepstrum.py  power spectrum <-> mel-cepstrum as two matrix products
mel.py          mel filterbanks, framing, short-time Fourier transform and its inverse
world.py        the one place that imports pyworld
"""
