# SPDX-License-Identifier: Apache-2.0
"""The command line. Commands are found through plugins and imported when they are run.

Results go to stdout, progress and logs to stderr. Exit codes: 0 done, 1 some items failed, 2 a mistake
in the input, 3 something that has to be installed is missing, 70 a fault of synthkit's, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from typing import Any

import click

from synthkit import __version__
from synthkit.errors import SpeechWarning, SynthkitError, SynthkitWarning, machine_fault
from synthkit.offers import Registration
from synthkit.plugins import registry
from synthkit.threads import one_thread


class Commands(click.Group):
    """A group whose commands are those that plugins register."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the registered commands."""
        return registry().names("command")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A stand-in that knows the summary; the command itself is imported when invoked."""
        if ("command", cmd_name) not in registry().components:
            import difflib

            close = difflib.get_close_matches(cmd_name, self.list_commands(ctx), 1)
            meant = f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"No such command {cmd_name!r}.{meant}")
        if ctx.meta.get("synthkit.help"):
            r: Registration = registry().find("command", cmd_name)
            return click.Command(cmd_name, help=r.summary, short_help=r.summary)
        return registry().load("command", cmd_name)  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands by their registered summaries, importing none."""
        ctx.meta["synthkit.help"] = True
        super().format_commands(ctx, formatter)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="synthkit")
@click.option("--debug", is_flag=True, help="Show the traceback of any error.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Classical and neural voices as one pipeline of plugins, judged by one harness.

    \b
    synthkit build mine/                      # a folder of recordings becomes a voice
    synthkit say -v voices/mine "Good morning." -o morning.wav
    synthkit say --help                       # every command has examples
    """
    ctx.obj = {"debug": debug}
    ctx.meta["synthkit.debug"] = debug


def main(argv: list[str] | None = None) -> None:
    """Entry point: run the command line and exit with its code.

    Parameters
    ----------
    argv : list of str, optional
        `sys.argv` without the program when left out.
    """
    one_thread()
    _open_closed_streams()
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _as_interrupt)
    code = run(sys.argv[1:] if argv is None else argv)
    try:
        sys.stdout.flush()
    except OSError as error:  # results that did not reach the disk are not told as done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            fault = machine_fault(error)
            print(f"error: {fault or error}", file=sys.stderr)
            code = code or SynthkitError.exit_code
    sys.exit(code)


def _as_interrupt(number: int, frame: object) -> None:
    """What Ctrl-C does, for whoever ends a command by SIGTERM, as batch systems do: what is at work ends in
    order, a training after a checkpoint."""
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)
    else:  # begun in a shell's background, where interrupts are ignored
        raise KeyboardInterrupt


def _open_closed_streams() -> None:
    """A stream that the shell closed (``<&-``) is empty or lost; no file that is opened later takes its
    number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def _tell_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    """Python's form, a line of code and all, for a programmer's warnings; what concerns the user as a
    note."""
    if issubclass(category, SynthkitWarning):
        print(f"note: {message}", file=sys.stderr)
    else:
        _python_tells(message, category, *place, **more)


_python_tells = warnings.showwarning


def run(argv: list[str]) -> int:
    """Run the command line and return its exit code; messages go to stderr.

    Parameters
    ----------
    argv : list of str
        Without the program's name.

    Returns
    -------
    int
        0: done. Other codes are those of `synthkit.errors` and of click.
    """
    warnings.showwarning = _tell_warning
    warnings.simplefilter("default", SynthkitWarning)
    warnings.simplefilter("always", SpeechWarning)
    debug = "--debug" in argv
    # --debug may stand anywhere: whoever meets an error adds it at the end of the line.
    argv = [a for a in argv if a != "--debug"]
    try:
        if any("\x00" in a for a in argv):
            raise SynthkitError("an argument holds a NUL byte", hint="no file and no text has one")
        result: Any = cli.main(
            ["--debug", *argv] if debug else argv, prog_name="synthkit", standalone_mode=False
        )
        return result if isinstance(result, int) else 0
    except (click.exceptions.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return 130
    except click.ClickException as error:
        error.show(sys.stderr)
        if isinstance(error, click.NoSuchOption) and error.option_name[1:2].isdigit():
            print(
                "  → a text that begins with a dash goes after --, as in: synthkit say -v VOICE -- "
                f"{error.option_name}",
                file=sys.stderr,
            )
        return error.exit_code
    except SynthkitError as error:
        if debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader (head, less) has gone; stdout must not be flushed again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug:
            raise
        fault = machine_fault(error)
        if fault is not None:
            print(f"error: {fault}", file=sys.stderr)
            return fault.exit_code
        print(
            f"error: {type(error).__name__}: {error}\n"
            "  → this is a fault of synthkit or of a plugin; run again with --debug for the traceback",
            file=sys.stderr,
        )
        return 70


if __name__ == "__main__":
    main()
