# SPDX-License-Identifier: Apache-2.0
"""The user's own lexicon: a text file, one word a line, that overrules every dictionary and rule."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from synthkit.errors import ConfigError


@dataclass
class UserLexicon:
    """Entries of a file of lines ``word  respelling`` or ``word  {phones}``; ``#`` begins a comment.

    A respelling is the word with its stress marked (``замок  з+амок``) or spelt as it sounds
    (``Chopin  show pan``). A word given again adds a pronunciation variant.
    """

    entries: dict[str, list[str]] = field(default_factory=dict)
    digest: str = ""

    @classmethod
    def read(cls, path: Path) -> UserLexicon:
        """Read `path`.

        Raises
        ------
        ConfigError
            The file cannot be read, or a line has no pronunciation.
        """
        try:
            data = path.read_bytes()
            text = data.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the lexicon cannot be read: {error}", where=str(path)) from error
        lexicon = cls(digest=hashlib.sha256(data).hexdigest()[:12])
        for number, line in enumerate(text.splitlines(), 1):
            content = line.partition("#")[0].strip()
            if not content:
                continue
            word, *rest = content.split(maxsplit=1)
            if not rest:
                raise ConfigError(
                    f"{word!r} has no pronunciation",
                    where=f"{path}, line {number}",
                    hint="write `word  respelling` or `word  {phones}`",
                )
            lexicon.entries.setdefault(word.lower(), []).append(rest[0])
        return lexicon
