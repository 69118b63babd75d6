# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from synthkit.errors import ConfigError, SynthkitError, TextError
from synthkit.paths import LIMIT, read_bytes

NOTES = 10
F = TypeVar("F", bound=Callable[..., Any])

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting, as in vocoder.plugin=world.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
layout_option = click.option(
    "--layout", help="Layout of the folder, where what lies in it could be one of two."
)


def complete_voice(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Voices that the shell offers, as click's ``shell_complete`` wants them.

    Parameters
    ----------
    ctx : click.Context
    param : click.Parameter
    incomplete : str
        What was typed so far.

    Returns
    -------
    list of str
        Paths that begin with it.
    """
    from synthkit.pipeline.known_voices import known_voices

    return [str(path) for path in known_voices() if str(path).startswith(incomplete)]


voice_option = click.option(
    "-v",
    "--voice",
    "voice",
    shell_complete=complete_voice,
    type=click.Path(path_type=Path),
    help="A voice folder, or the name of one in voices/ or demo/.  "
    "[default: what SYNTHKIT_VOICE names, else the only one]",
)


def executor_options(function: F) -> F:
    """A decorator: the options ``--workers`` and ``--executor``.

    Parameters
    ----------
    function : callable
        A click command's; it is called with ``workers`` (int, 0 is one per core) and ``executor`` (str).

    Returns
    -------
    callable
    """
    function = click.option(
        "--executor",
        default="process",
        show_default=True,
        metavar="NAME[:KEY=VALUE,…]",
        help="How to map over utterances, as in dask:scheduler=tcp://host:8786.",
    )(function)
    return click.option(
        "-j", "--workers", default=0, show_default="one per core", type=click.IntRange(0), help="Processes."
    )(function)


def read_input(text: str | None, source: Path | None) -> bytes:
    """TEXT as given, or what `source` (a file; ``-`` or None is stdin) holds; see `decode`.

    Parameters
    ----------
    text : str or None
    source : Path or None

    Returns
    -------
    bytes

    Raises
    ------
    SynthkitError
        There is no text, or it cannot be read.
    """
    if text is not None and source is not None:
        raise ConfigError("give TEXT or --file, not both")
    if text is not None:
        return text.encode("utf-8", "surrogateescape")  # Python's own way with arguments that are not UTF-8
    if source is not None and str(source) != "-":
        return read_bytes(source, pipes=True)
    if source is None and sys.stdin.isatty():
        raise ConfigError("there is no text", hint='synthkit say -v VOICE "text" -o out.wav')
    try:
        data = sys.stdin.buffer.read(LIMIT + 1)
    except OSError as error:
        raise SynthkitError(f"cannot be read: {error.strerror}", where="stdin") from error
    if len(data) > LIMIT:
        raise SynthkitError(f"is too large: more than {LIMIT >> 20} MiB", where="stdin")
    return data


def decode(data: bytes, where: str) -> str:
    """`data` as text.

    Parameters
    ----------
    data : bytes
    where : str
        For the message: a file, or what else the bytes came from.

    Returns
    -------
    str
        Without a byte order mark.

    Raises
    ------
    TextError
        It is not UTF-8; the message names the byte and `where` it stands.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(
            f"is not UTF-8 text: byte {data[error.start]:#04x} at position {error.start}",
            where=where,
            hint="convert it first, as in: iconv -f CP1251 -t UTF-8",
        ) from None


def parse_options(options: tuple[str, ...]) -> dict[str, Any]:
    """``-O key=value`` arguments as a dict.

    Parameters
    ----------
    options : tuple of str
        Values are TOML, or else plain text.

    Returns
    -------
    dict of str to object

    Raises
    ------
    ConfigError
        One has no ``=``.
    """
    from synthkit.tables import parse_value

    out = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"-O {text!r} is not key=value")
        out[name.strip()] = parse_value(value.strip())
    return out


def print_json(data: Any) -> None:
    """Print `data` as JSON; text that is not UTF-8 is escaped.

    Parameters
    ----------
    data : object
        As `json.dumps` takes it.
    """
    text = json.dumps(data, ensure_ascii=False, indent=1)
    try:
        text.encode()
    except UnicodeEncodeError:  # an argument that was not UTF-8 is part of it
        text = json.dumps(data, indent=1)
    click.echo(text)


class JsonRows:
    """A list for `print_json` that does not fit in memory: rows lie in a temporary file until they are
    shown."""

    def __init__(self) -> None:
        self._file: IO[str] | None = None

    def append(self, row: Any) -> None:
        """One row more.

        Parameters
        ----------
        row : object
            As `json.dumps` takes it.
        """
        text = json.dumps([row], ensure_ascii=False, indent=1)
        try:
            text.encode()
        except UnicodeEncodeError:  # as in `print_json`
            text = json.dumps([row], indent=1)
        before = ",\n"
        if self._file is None:
            import tempfile

            before = ""
            self._file = tempfile.TemporaryFile(  # noqa: SIM115 (it is open until the rows are shown)
                "w+", encoding="utf-8", errors="surrogatepass"
            )
        self._file.write(before + text[2:-2])

    def show(self, *, alone: bool = False) -> None:
        """Print all rows as `print_json` does.

        Parameters
        ----------
        alone : bool
            The only row by itself in place of a list of one.
        """
        file = self._file
        if file is None:
            click.echo("[]")
            return
        file.seek(0)
        if alone:
            print_json(json.loads(file.read()))
            return
        click.echo("[")
        for block in iter(lambda: file.read(1 << 16), ""):
            click.echo(block, nl=False)
        click.echo("\n]")

    def __enter__(self) -> JsonRows:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()


def tell_notes(notes: Sequence[str], kind: str = "note") -> None:
    """Say on stderr what was left out or guessed; of many, the first.

    Parameters
    ----------
    notes : sequence of str
    kind : str
        What each line begins with.
    """
    for note in notes[:NOTES]:
        click.echo(f"{kind}: {note}", err=True)
    if len(notes) > NOTES:
        click.echo(f"{kind}: … and {len(notes) - NOTES} more (--json has them all)", err=True)


def tell_readings(found: list[tuple[str, str, str]], as_json: bool) -> None:
    """Print what a segmenter's `explain` gave.

    Parameters
    ----------
    found : list of (str, str, str)
        Of each token: as it is written, its class, as it is read.
    as_json : bool
    """
    if as_json:
        print_json([{"written": w, "class": c, "read": r} for w, c, r in found])
    elif found:
        from synthkit.columns import columns

        click.echo(columns(found, ("written", "class", "read")))
    else:
        click.echo("nothing but words")
