# SPDX-License-Identifier: Apache-2.0
"""HiFi-GAN (J. Kong, J. Kim, J. Bae, NeurIPS 2020) as vocoder `hifigan`, with weights that come ready.

Depends on `synthkit`'s public names and on torch, imported on first use.
"""

from synthkit import hookimpl


@hookimpl
def register_vocoders(register):
    register(
        "hifigan",
        "synthkit_hifigan.vocoder:HifiGan",
        summary="neural vocoder from mel spectra: pretrained universal or LJSpeech generator, or your own",
    )
