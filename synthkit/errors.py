"""One hierarchy of errors. A message says what was wrong, where, and what to do."""

from __future__ import annotations


class SynthkitError(Exception):
    """Base of every error that is the user's to mend; the CLI shows it without a traceback.

    Parameters
    ----------
    message : str
        What was wrong.
    where : str, optional
        The file, utterance or config key it happened at.
    hint : str, optional
        What to do about it.
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        self.message, self.where, self.hint = message, where, hint
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n  → {self.hint}" if self.hint else text

    def __reduce__(self):  # type: ignore[no-untyped-def]
        # Crosses process boundaries whole; the default would lose the keyword-only arguments.
        return _rebuild, (type(self), self.message, self.where, self.hint, self.__dict__)


class SpeechWarning(UserWarning):
    """Speech was made and something about it is not right; the CLI shows it as a note, once a text."""


def _rebuild(cls, message, where, hint, state):  # type: ignore[no-untyped-def]
    error = cls.__new__(cls)
    SynthkitError.__init__(error, message, where=where, hint=hint)
    error.__dict__.update(state)
    return error


class ConfigError(SynthkitError):
    """A configuration that cannot be used (unknown key, wrong type, missing value)."""


class PluginError(SynthkitError):
    """A plugin that is missing, broken, duplicate or does not keep its contract."""


class SpecMismatch(SynthkitError):
    """Two parts of a pipeline disagree about their `FeatureSpec`; carries a field-by-field table."""


class TextError(SynthkitError):
    """Text that cannot be spoken: empty, unpronounceable, not valid text."""


class AudioError(SynthkitError):
    """Audio that cannot be read or used."""


class AlignmentError(SynthkitError):
    """An utterance that cannot be aligned, or an alignment file that cannot be read."""


class CorpusError(SynthkitError):
    """A corpus that cannot be found, fetched or read."""


class VoiceError(SynthkitError):
    """A voice folder that is missing, incomplete or altered."""


class MissingDependency(SynthkitError):
    """A package (Python or system) that a component needs is not installed; the hint installs it."""

    exit_code = 3
