"""Finding, among the installed feature extractors, the one that gives what a vocoder accepts."""

from __future__ import annotations

from synthkit.errors import MissingDependency, PluginError
from synthkit.plugins import registry
from synthkit.stages import FeatureExtractor
from synthkit.types import FeatureSpec


def extractor_for(accepted: FeatureSpec, sample_rate: int) -> tuple[str, FeatureExtractor] | None:
    """Name and instance of the first installed extractor, by name, whose spec satisfies `accepted`.

    `sample_rate` (Hz) is used where `accepted` leaves the rate open. None when no extractor can.
    """
    for registration in registry().of_stage("features"):
        try:
            found = registration.load().matching(accepted, sample_rate)
        except (MissingDependency, PluginError):
            # An extractor that is not whole cannot give anything; `synthkit plugins` reports it.
            continue
        if found is not None:
            return registration.name, found
    return None
