# SPDX-License-Identifier: Apache-2.0
"""MCD, F0 and aperiodicity figures over WORLD analysis (pyworld)."""

from synthkit import hookimpl


@hookimpl
def register_metrics(register):
    """Our definition, and those that reproduce other tools' figures."""
    register("world", "synthkit_metrics_world.ours:World", summary="MCD, F0, V/UV and aperiodicity by WORLD")
    register("mcd-versa", "synthkit_metrics_world.versa:Versa", summary="MCD and F0 as VERSA has them")
    register(
        "seams", "synthkit_metrics_world.seams:Seams", summary="steps of F0, spectrum and power at joins"
    )
    register(
        "smoothness",
        "synthkit_metrics_world.smoothness:Smoothness",
        summary="spread and modulation of spectra and F0 against the recording's",
    )
    register(
        "mcd-versa-dtw", "synthkit_metrics_world.versa:VersaDtw", summary="the same with VERSA's alignment"
    )
    register("f0-espnet", "synthkit_metrics_world.espnet:EspnetF0", summary="log F0 RMSE and V/UV as ESPnet")
    register(
        "mcd-merlin", "synthkit_metrics_world.merlin:Merlin", summary="MCD, BAP and F0 as Merlin has them"
    )
    register("mcd-pymcd", "synthkit_metrics_world.pymcd:Pymcd", summary="MCD as pymcd has it")
