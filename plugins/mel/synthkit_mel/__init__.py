# SPDX-License-Identifier: Apache-2.0
"""Mel spectra as features `mel`, and the vocoder `griffin-lim` that hears them, in numpy alone."""

from synthkit import hookimpl


@hookimpl
def register_features(register):
    register(
        "mel",
        "synthkit_mel.features:MelFeatures",
        summary="log mel spectra with every convention stated; presets of HiFi-GAN, Coqui and Tacotron 2",
    )


@hookimpl
def register_vocoders(register):
    register(
        "griffin-lim",
        "synthkit_mel.griffin_lim:GriffinLim",
        summary="phases found by fast Griffin-Lim from any mel spectrum; needs no training",
    )
