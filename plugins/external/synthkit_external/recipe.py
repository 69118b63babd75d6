# SPDX-License-Identifier: Apache-2.0
"""Recipes: which program speaks, with which arguments, and what is known of the voice.

A voice folder holds the name of its recipe alone. A folder that came from elsewhere can so run nothing that
was not installed here, or taken in by ``synthkit external``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from synthkit import tables
from synthkit.errors import ConfigError, MissingDependency
from synthkit.settings import Field, Settings

TEXT, TEXT_FILE, WAV = "{text}", "{text_file}", "{wav}"
"""What stands in the arguments for the text, for a file that holds it, and for the file to be written."""


class Recipe(Settings):
    """A program that speaks, as its TOML file has it."""

    name: str = Field(pattern=r"^[\w][\w.-]*$", description="of the voice")
    command: list[str] = Field(
        min_length=1,
        description="the program and its arguments, each by itself; no shell reads them. {text} stands for "
        "the text, {text_file} for a file that holds it (without either it is written to its input), "
        "{wav} for the file to be written (without it the program's output is the sound)",
    )
    languages: list[str] = Field(min_length=1, description="BCP-47")
    sample_rate: int = Field(ge=4000, le=192000, description="Hz, of the sound it gives")
    paradigm: str = Field(description="what kind of voice it is")
    sample: str = Field(min_length=1, description="a sentence that it can say")
    encoding: Literal["utf-8", "koi8-r", "cp1251", "latin-1"] = Field("utf-8", description="of the text")
    segmentation: str = Field("text", description="plugin that cuts long texts")
    seconds: float = Field(60.0, gt=0, le=3600, description="time it has for a piece of text")
    needs: list[str] = Field(
        default=[], description="files, one of which has to be there; * stands for any name in a folder"
    )
    install: str = Field("", description="how it is installed")
    version: list[str] = Field(default=[], description="a command that prints the program's version")
    corpus: str = Field("", description="recordings that the voice is made of, all of them")
    licence: str = Field("unknown", description="of the program and its voice")
    attribution: str = Field("", description="who has to be named")

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """The recipe in a TOML file.

        Parameters
        ----------
        path : Path

        Raises
        ------
        ConfigError
            It cannot be read, or a key or a value is wrong.
        """
        recipe: Recipe = tables.validate(cls, tables.read(path), where=str(path))
        for argument in recipe.command[:1]:
            if "{" in argument:
                raise ConfigError("the program is named by itself, without a placeholder", where=str(path))
        known = (TEXT, TEXT_FILE, WAV)
        for argument in recipe.command:
            rest = argument
            for name in known:
                rest = rest.replace(name, "")
            if "{" in rest and "}" in rest:
                raise ConfigError(
                    f"{argument!r} has a placeholder that there is not",
                    where=f"{path} command",
                    hint=f"there are {', '.join(known)}",
                )
        return recipe

    def lacking(self) -> str:
        """What of it is missing on this machine, half a sentence; empty where it can speak."""
        if shutil.which(self.command[0]) is None:
            return f"the program {self.command[0]!r}"
        if self.needs and not any(_found(pattern) for pattern in self.needs):
            return f"the voice's files ({self.needs[0]})"
        return ""

    def require(self) -> None:
        """Raise `MissingDependency` where something of it is missing.

        Raises
        ------
        MissingDependency
        """
        if missing := self.lacking():
            raise MissingDependency(
                f"voice {self.name!r} needs {missing}, which is not on this machine", hint=self.install
            )


@dataclass(frozen=True)
class Filled:
    """A recipe's arguments for one text.

    Attributes
    ----------
    arguments : list of str
    stdin : bytes
        What the program reads; empty where the text is an argument or a file.
    """

    arguments: list[str]
    stdin: bytes


def fill(recipe: Recipe, text: str, text_file: Path, wav: Path) -> Filled:
    """The arguments with which `recipe` says `text`; the file that they name is written.

    A text that is an argument never begins with a dash, which a program could take for an option.

    Parameters
    ----------
    recipe : Recipe
    text : str
    text_file, wav : Path
        Absolute.

    Raises
    ------
    ConfigError
        The text has signs that the recipe's encoding has not.
    """
    plain = " ".join(text.split())
    try:
        data = (plain + "\n").encode(recipe.encoding)
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"voice {recipe.name!r} reads {recipe.encoding}, which has no {error.object[error.start]!r}",
            hint="leave it out of the text, or choose another voice",
        ) from None
    given = any(name in argument for argument in recipe.command for name in (TEXT, TEXT_FILE))
    values: dict[str, Any] = {TEXT: f" {plain}" if plain.startswith("-") else plain}
    if any(TEXT_FILE in argument for argument in recipe.command):
        text_file.write_bytes(data)
    values |= {TEXT_FILE: str(text_file), WAV: str(wav)}
    return Filled([_filled(a, values) for a in recipe.command], b"" if given else data)


def _filled(argument: str, values: dict[str, str]) -> str:
    """`argument` with its placeholders replaced, once each: a text that holds one stays as it is."""
    for name, value in values.items():
        before, found, after = argument.partition(name)
        if found:
            return before + value + after
    return argument


def _found(pattern: str) -> bool:
    path = Path(pattern).expanduser()
    if "*" not in pattern:
        return path.exists()
    anchor = Path(path.anchor)
    return next(anchor.glob(str(path.relative_to(anchor))), None) is not None
