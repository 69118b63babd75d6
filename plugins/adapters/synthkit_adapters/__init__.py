# SPDX-License-Identifier: Apache-2.0
"""Named bridges between specs, so that any acoustic model reaches any vocoder, and the log says how.

An adapter never works unasked: the configuration names it (``adapters = ["units-to-frames"]``), and the log
shows what it does to the signal. Other plugins (feature extractors, the `world` vocoder) are found through
the registry.
"""

from synthkit import hookimpl


@hookimpl
def register_adapters(register):
    register(
        "units-to-frames",
        "synthkit_adapters.units:UnitsToFrames",
        summary="natural units analysed by the features a vocoder accepts, smoothed at the joins",
    )
    register(
        "world-to-mel",
        "synthkit_adapters.resynthesis:WorldToMel",
        summary="WORLD frames resynthesised and analysed as mel spectra",
    )
    register(
        "mel-to-world",
        "synthkit_adapters.resynthesis:MelToWorld",
        summary="mel spectra made audible by Griffin-Lim and analysed by WORLD",
    )
    register(
        "mel-to-mel",
        "synthkit_adapters.mel:MelToMel",
        summary="mel spectra under another logarithm, normalisation, filterbank, hop or rate",
    )
