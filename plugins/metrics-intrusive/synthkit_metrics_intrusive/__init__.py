# SPDX-License-Identifier: Apache-2.0
"""Intrusive quality and intelligibility: PESQ and STOI, for signals that run in step."""

from synthkit import hookimpl


@hookimpl
def register_metrics(register):
    """Wide-band PESQ, STOI and extended STOI."""
    register("pesq", "synthkit_metrics_intrusive.metrics:Pesq", summary="PESQ, wide band")
    register("stoi", "synthkit_metrics_intrusive.metrics:Stoi", summary="STOI and extended STOI")
