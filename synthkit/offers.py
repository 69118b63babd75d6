# SPDX-License-Identifier: Apache-2.0
"""What a plugin offers: its components by stage and name, each a string until somebody asks for it."""

from __future__ import annotations

import importlib
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from synthkit.errors import MissingDependency, PluginError

STAGE_OF_HOOK = {
    "register_segmenters": "segmentation",
    "register_aligners": "alignment",
    "register_features": "features",
    "register_acoustic_models": "acoustic_model",
    "register_vocoders": "vocoder",
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
    "vocoder": "synthkit.stages:Vocoder",
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
                return getattr(sys.modules[module], attribute)
            with redirect_stdout(
                sys.stderr
            ):  # what a module says as it is imported is no result of a command
                return getattr(importlib.import_module(module), attribute)
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

    @property
    def where(self) -> str:
        """Plugin and distribution, for messages."""
        return f"plugin {self.plugin!r} ({self.distribution} {self.version})"


@dataclass(frozen=True)
class Offer:
    """What one plugin offers, or why it offers nothing."""

    plugin: str
    distribution: str
    version: str
    components: tuple[Registration, ...] = ()
    problem: str = ""
