# SPDX-License-Identifier: Apache-2.0
"""Errors in the words of a request: whoever asks over HTTP has fields, and no options of a command line."""

from __future__ import annotations

import re

from synthkit.errors import SynthkitError
from synthkit_web.serve.asked import Asked

SETTING = re.compile(r"--set (?P<field>\w+)\.plugin=(?P<value>[\w-]+)")
OPTION = re.compile(r"--(?P<field>[a-z][a-z0-9-]*)")


def in_fields(text: str) -> str:
    """A message with the names of fields in place of those of options, where there is such a field.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> in_fields("say --set vocoder.plugin=world")
    'say "vocoder": "world"'
    >>> in_fields("--speaker: leave it out, or try --workers 1")
    'speaker: leave it out, or try --workers 1'
    """

    def setting(found: re.Match[str]) -> str:
        known = found["field"] in Asked.model_fields
        return f'"{found["field"]}": "{found["value"]}"' if known else found[0]

    def option(found: re.Match[str]) -> str:
        name = found["field"].replace("-", "_")
        return name if name in Asked.model_fields else found[0]

    return OPTION.sub(option, SETTING.sub(setting, text))


def reworded(error: SynthkitError) -> SynthkitError:
    """The error itself, in the words of a request.

    Parameters
    ----------
    error : SynthkitError

    Returns
    -------
    SynthkitError
    """
    error.message, error.where, error.hint = map(in_fields, (error.message, error.where, error.hint))
    return error
