# SPDX-License-Identifier: Apache-2.0
"""WORLD analysis and synthesis (M. Morise et al. 2016) as features `world`, vocoder `world` and
converter `world-mixture`.

Depends on `synthkit`'s public names and on pyworld, which is imported on first use.
"""

from synthkit import hookimpl


@hookimpl
def register_features(register):
    register(
        "world",
        "synthkit_world.features:WorldFeatures",
        summary="F0 (DIO+StoneMask or Harvest), mel-cepstrum (CheapTrick), band aperiodicity (D4C)",
    )


@hookimpl
def register_vocoders(register):
    register(
        "world",
        "synthkit_world.vocoder:WorldVocoder",
        summary="WORLD synthesis of mel-cepstrum, F0 and aperiodicity; speed and pitch can be changed",
    )


@hookimpl
def register_converters(register):
    register(
        "world-mixture",
        "synthkit_world.conversion:WorldMixture",
        summary="spectrum by a mixture of Gaussians, F0 by middle and spread, through WORLD",
    )
