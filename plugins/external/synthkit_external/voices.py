# SPDX-License-Identifier: Apache-2.0
"""Voice folders of programs that speak."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from synthkit.corpora import open_corpus
from synthkit.errors import CorpusError
from synthkit.plugins import registry
from synthkit.pretrained import Origin, PretrainedVoice, compose
from synthkit.scratch import scratch_folder
from synthkit.stages import HEARD
from synthkit.types import FeatureSpec
from synthkit_external.acoustic import write_about
from synthkit_external.recipe import Recipe
from synthkit_external.running import speak

RECIPES = Path(__file__).parent / "recipes"


def make(recipe: Recipe, name: str, out: Path) -> Path:
    """A voice folder of a recipe, after its program has said the recipe's sample.

    Parameters
    ----------
    recipe : Recipe
    name : str
        Of the voice.
    out : Path

    Raises
    ------
    MissingDependency
        The program is not on this machine.
    ProgramError
        It cannot say its sample.
    """
    recipe.require()
    speak(recipe, recipe.sample)
    segmenter = registry().load("segmentation", recipe.segmentation)()
    phone_set = segmenter.segment(recipe.sample, recipe.languages[0]).phone_set
    with scratch_folder() as work:
        write_about(recipe, work)
        (work / HEARD).write_text("\n".join(_heard(recipe.corpus)), encoding="utf-8")
        return compose(
            out,
            name=name,
            tables={
                "segmentation": {"plugin": recipe.segmentation},
                "acoustic_model": {"plugin": "external", "recipe": recipe.name},
                "vocoder": {"plugin": "griffin-lim"},  # never asked: the program gives the waveform
            },
            artefacts={"acoustic_model": work},
            spec=FeatureSpec("waveform", recipe.sample_rate),
            sample_rate=recipe.sample_rate,
            languages=recipe.languages,
            phone_set=phone_set,
            origin=Origin(recipe.corpus or recipe.name, recipe.licence, recipe.attribution),
        )


def _heard(corpus: str) -> list[str]:
    """Ids of the recordings that a voice is made of, where they are on this machine: a comparison on them
    warns."""
    if not corpus:
        return []
    try:
        return [u.id for u in open_corpus(corpus).utterances]
    except CorpusError:  # not fetched: nobody can compare on it either
        return []


class ExternalVoice(PretrainedVoice):
    """A voice of a program, by its recipe; a plugin subclasses it with the recipe's file.

    Examples
    --------
    >>> class Mine(ExternalVoice, recipe=RECIPES / "espeak-ng-en.toml"):
    ...     pass
    >>> Mine.languages
    ('en',)
    """

    recipe: ClassVar[Recipe]
    megabytes = 0.0

    def __init_subclass__(cls, *, recipe: Path, **more: object) -> None:
        super().__init_subclass__(**more)
        cls.recipe = found = Recipe.read(recipe)
        cls.paradigm, cls.languages = found.paradigm, tuple(found.languages)
        cls.sample_rate = found.sample_rate
        cls.origin = Origin(found.corpus or found.name, found.licence, found.attribution)

    @property
    def here(self) -> bool:
        """Whether the program and its voice are on this machine."""
        return not self.recipe.lacking()

    def make(self, name: str, out: Path) -> Path:
        """See `PretrainedVoice.make`."""
        return make(self.recipe, name, out)


class EspeakRussian(ExternalVoice, recipe=RECIPES / "espeak-ng-ru.toml"):
    """eSpeak NG, Russian."""


class EspeakEnglish(ExternalVoice, recipe=RECIPES / "espeak-ng-en.toml"):
    """eSpeak NG, English."""


class FestivalRussian(ExternalVoice, recipe=RECIPES / "festival-ru.toml"):
    """Festival's voice msu_ru_nsh_clunits, which is made of all recordings of msu-ru-nsh."""


class FestivalEnglish(ExternalVoice, recipe=RECIPES / "festival-en.toml"):
    """Festival's diphone voice kal."""


class FliteEnglish(ExternalVoice, recipe=RECIPES / "flite-en.toml"):
    """flite's voice slt."""


class RHVoiceRussian(ExternalVoice, recipe=RECIPES / "rhvoice-ru.toml"):
    """RHVoice's voice Anna."""
