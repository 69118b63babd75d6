# SPDX-License-Identifier: Apache-2.0
"""What a plugin offers: its components by stage and name, each a string until somebody asks for it."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Collection
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from synthkit.errors import MissingDependency, PluginError, SynthkitWarning

STAGE_OF_HOOK = {
    "register_segmenters": "segmentation",
    "register_aligners": "alignment",
    "register_features": "features",
    "register_acoustic_models": "acoustic_model",
    "register_prosody_models": "prosody",
    "register_vocoders": "vocoder",
    "register_converters": "conversion",
    "register_adapters": "adapter",
    "register_metrics": "metric",
    "register_speaker_encoders": "speaker_encoder",
    "register_corpora": "corpus",
    "register_layouts": "layout",
    "register_label_formats": "label_format",
    "register_pretrained_voices": "pretrained_voice",
    "register_executors": "executor",
    "register_commands": "command",
}
"""Hook name to the stage it fills."""

BASE_OF_STAGE = {
    "segmentation": "synthkit.stages:Segmenter",
    "alignment": "synthkit.stages:Aligner",
    "features": "synthkit.stages:FeatureExtractor",
    "acoustic_model": "synthkit.stages:AcousticModel",
    "prosody": "synthkit.stages:ProsodyModel",
    "vocoder": "synthkit.stages:Vocoder",
    "conversion": "synthkit.stages:Converter",
    "adapter": "synthkit.stages:Adapter",
    "metric": "synthkit.eval:Metric",
    "speaker_encoder": "synthkit.stages:SpeakerEncoder",
    "corpus": "synthkit.corpora:CorpusRecipe",
    "layout": "synthkit.corpora:Layout",
    "label_format": "synthkit.labels:LabelFormat",
    "pretrained_voice": "synthkit.pretrained:PretrainedVoice",
    "executor": "synthkit.pipeline.executors:Executor",
}
"""The class that a stage's components derive from; commands have none."""


@dataclass(frozen=True)
class Registration:
    """One component as a plugin offered it.

    Attributes
    ----------
    stage, name : str
    reference : str
        ``"module:Class"``.
    summary : str
        Half a line.
    plugin : str
        Name of its entry point.
    distribution, version : str
        What pip installed it from.
    """

    stage: str
    name: str
    reference: str
    summary: str
    plugin: str
    distribution: str
    version: str

    def load(self) -> Any:
        """Import and return the component's class.

        Returns
        -------
        type or object

        Raises
        ------
        MissingDependency
            A package it needs is not installed.
        PluginError
            It cannot be imported for another reason.
        """
        module, _, attribute = self.reference.partition(":")
        try:
            if module in sys.modules:
                found = getattr(sys.modules[module], attribute)
            else:
                # What a module says as it is imported is no result of a command.
                with redirect_stdout(sys.stderr):
                    found = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name and module.split(".")[0] == error.name.split(".")[0]:
                raise PluginError(f"{self.reference} does not exist: {error}", where=self.where) from error
            from importlib.util import find_spec

            if error.name and find_spec(error.name.split(".")[0]) is not None:
                raise PluginError(
                    f"{self.reference} cannot be imported: {error}, though its package is installed",
                    where=self.where,
                    hint="a misspelt import, or another version than the plugin was written for",
                ) from error
            raise MissingDependency(
                f"{self.stage} {self.name!r} needs the package {error.name!r}",
                where=self.where,
                hint=f"pip install {error.name}, or install {self.distribution} with its dependencies",
            ) from error
        except (ImportError, AttributeError) as error:
            raise PluginError(f"{self.reference} cannot be imported: {error}", where=self.where) from error
        if (self.stage, self.reference) not in _LOOKED_AT:
            _LOOKED_AT.add((self.stage, self.reference))
            for name, meant in misspelt(self.stage, found):
                warnings.warn(
                    f"{self.where}: {attribute}.{name} is read by nobody: did you mean {meant!r}?",
                    SynthkitWarning,
                    stacklevel=2,
                )
        return found

    @property
    def where(self) -> str:
        """Plugin and distribution, for messages."""
        return f"plugin {self.plugin!r} ({self.distribution} {self.version})"


_LOOKED_AT: set[tuple[str, str]] = set()
"""Components whose attributes have been looked at."""


def misspelt(stage: str, kind: object) -> list[tuple[str, str]]:
    """Attributes of a component's class that are almost those of its stage's class: ``trainabel = True``
    would be read by nobody, and a vocoder that learns would never be trained.

    Parameters
    ----------
    stage : str
    kind : object
        What a registration names; what is no class of that stage has none.

    Returns
    -------
    list of (str, str)
        Each with the name that was meant.
    """
    from pkgutil import resolve_name  # a command that loads nothing needs none of it

    base = resolve_name(BASE_OF_STAGE[stage]) if stage in BASE_OF_STAGE else None
    if base is None or not isinstance(kind, type) or not issubclass(kind, base):
        return []
    known = {name for name in dir(base) if not name.startswith("_")}
    ancestors = [a for a in kind.__mro__ if a not in base.__mro__]
    own = {name for a in ancestors for name in vars(a) if not name.startswith("_")}
    near = ((name, _meant(name, known - own)) for name in sorted(own - known))
    return [(name, meant) for name, meant in near if meant]


def _meant(name: str, known: Collection[str]) -> str:
    """The one of `known` that `name` is a slip of; ``closed`` is none of ``close``, nor ``suffix`` of
    ``by_suffix``."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, 1, cutoff=0.8)
    swapped = [other for other in known if sorted(other) == sorted(name)]
    likely = (o for o in close + swapped if not name.startswith(o) and name not in o.split("_"))
    return next(likely, "")


@dataclass(frozen=True)
class Offer:
    """What one plugin offers, or why it offers nothing."""

    plugin: str
    distribution: str
    version: str
    components: tuple[Registration, ...] = ()
    problem: str = ""
