# SPDX-License-Identifier: Apache-2.0
"""What this plugin offers. Nothing heavy is imported here: names are strings until they are asked for."""

from synthkit import hookimpl


@hookimpl
def register_vocoders(register):
    """One vocoder."""
    register("buzz", "synthkit_template.buzz:BuzzVocoder", summary="pulses and noise through the envelope")
