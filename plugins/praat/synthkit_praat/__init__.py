# SPDX-License-Identifier: Apache-2.0
"""Praat (P. Boersma, D. Weenink) as prosody features `praat` and as vocoder `psola`.

Depends on `synthkit`'s public names and on praat-parselmouth (GPL-3.0-or-later), imported on first use.
"""

from synthkit import hookimpl


@hookimpl
def register_features(register):
    register(
        "praat",
        "synthkit_praat.features:PraatFeatures",
        summary="F0, intensity, formants, jitter, shimmer and harmonicity, as Praat measures them",
    )


@hookimpl
def register_vocoders(register):
    register(
        "psola",
        "synthkit_praat.psola:Psola",
        summary="natural units through Praat's overlap-add: speed, pitch, targets, smooth F0 at joins",
    )
