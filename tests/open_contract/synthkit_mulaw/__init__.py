# SPDX-License-Identifier: Apache-2.0
"""A stranger's plugin: frames of integers, a kind of its own, and three parts of a voice that know it."""

from synthkit import hookimpl


@hookimpl
def register_features(register):
    register(
        "mulaw", "synthkit_mulaw.parts:MuLawFeatures", summary="logarithmic codes of a byte (ITU-T G.711)"
    )


@hookimpl
def register_acoustic_models(register):
    register("sampler", "synthkit_mulaw.parts:Sampler", summary="of each phone, one recording of it")


@hookimpl
def register_vocoders(register):
    register("mulaw", "synthkit_mulaw.parts:MuLawVocoder", summary="codes to samples")
