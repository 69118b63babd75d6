# SPDX-License-Identifier: Apache-2.0
"""The acoustic model `external`."""

from __future__ import annotations

from pathlib import Path

from synthkit.atomic import write_json
from synthkit.errors import ConfigError, VoiceError
from synthkit.paths import read_json
from synthkit.settings import Field, Settings
from synthkit.stages import AcousticModel, Context, Request, TrainingData
from synthkit.types import FeatureSpec, Waveform
from synthkit_external.known import known
from synthkit_external.recipe import Recipe
from synthkit_external.running import speak, version

ABOUT = "external.json"
FORMAT = 1


class ExternalSettings(Settings):
    """Settings of `external`."""

    recipe: str = Field("", description="name of the recipe; a built voice keeps it")


class External(AcousticModel):
    """Speaks by a program of this machine; it learns nothing here."""

    Config = ExternalSettings
    version = "1"
    demos = ()  # its voices are shown by their own names

    def __init__(self, config: Settings | None = None) -> None:
        super().__init__(config)
        self._recipe: Recipe | None = None

    def produces(self, features: FeatureSpec) -> FeatureSpec:
        """A waveform at the program's own rate, whatever the features are."""
        return FeatureSpec("waveform", (self._recipe or self._named()).sample_rate)

    def fit(self, data: TrainingData, folder: Path, ctx: Context) -> None:
        """Note the recipe's name in the voice.

        Raises
        ------
        ConfigError
            No recipe is named.
        MissingDependency
            The program is not on this machine.
        """
        write_about(self._named(), folder)

    def open(self, folder: Path) -> None:
        """Find the recipe, among those of this machine.

        Raises
        ------
        VoiceError
            The folder names none, or one that this machine does not know.
        """
        path = folder / ABOUT
        try:
            about = read_json(path, VoiceError)
            name = about["recipe"] if about["format"] == FORMAT else None
        except (VoiceError, KeyError, TypeError) as error:
            raise VoiceError("names no recipe of a program that speaks", where=str(path)) from error
        if not isinstance(name, str):
            raise VoiceError("is of another version of synthkit-external", where=str(path))
        self._recipe = known(name)

    def predict(self, request: Request) -> Waveform:
        """Have the program say the text.

        Raises
        ------
        ProgramError
            It failed, took too long, or gave no sound.
        """
        assert self._recipe is not None, "open it first"
        self.asked(request.options)
        return speak(self._recipe, request.segmentation.text)

    def _named(self) -> Recipe:
        if not self.config.recipe:
            raise ConfigError(
                "no recipe is named, and nothing is trained here",
                where="[acoustic_model] recipe",
                hint="`synthkit voices list` shows what is known; `synthkit external RECIPE.toml` adds one",
            )
        return known(self.config.recipe)


def write_about(recipe: Recipe, folder: Path) -> None:
    """What a voice keeps of its program: the recipe's name, and the version that was here."""
    recipe.require()
    write_json(folder / ABOUT, {"format": FORMAT, "recipe": recipe.name, "version": version(recipe)})
