# SPDX-License-Identifier: Apache-2.0
"""What components that torch trains, and that then work without it, have in common: torch is asked for before
any work and left as it was found, and what they wrote is read back checked.

`synthkit.neural_vocoder` has the stage around such a vocoder. Nothing here imports torch before a training
begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from synthkit.errors import MissingDependency, VoiceError
from synthkit.trained import AGAIN
from synthkit.types import Finding
from synthkit.types.finding import MISSING

MEND = "pip install torch"


def needs_torch(what: str, *, pretrained: bool) -> list[Finding]:
    """For `Component.check`: the finding that torch is missing, where something would have to be trained.

    Parameters
    ----------
    what : str
        The component as a sentence has it: ``"vocoder 'syrinx'"``.
    pretrained : bool
        Whether weights are there already.

    Returns
    -------
    list of Finding
        One of severity ``"error"``, or none.
    """
    if pretrained or find_spec("torch") is not None:
        return []
    return [Finding("error", MISSING, _lacking(what), mend=MEND)]


@contextmanager
def torch_training(what: str, *, threads: int) -> Iterator[None]:
    """A training inside, with `threads` threads; outside torch has those and the random state that it had.

    Parameters
    ----------
    what : str
        As in `needs_torch`.
    threads : int
        At least 1.

    Yields
    ------
    None

    Raises
    ------
    MissingDependency
        torch is not installed.
    """
    try:
        import torch
    except ModuleNotFoundError as error:
        raise MissingDependency(_lacking(what), hint=MEND) from error
    before, random = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_rng_state(random)


def torch_device(asked: str) -> str:
    """The device a training runs on: `asked`, or of ``"auto"`` a GPU where there is one.

    Parameters
    ----------
    asked : str
        ``"auto"``, or as torch names devices.

    Returns
    -------
    str
    """
    if asked != "auto":
        return asked
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


@contextmanager
def described_by(path: Path, what: str) -> Iterator[None]:
    """Reading a description inside: whatever does not fit is an error of ours.

    Parameters
    ----------
    path : Path
    what : str
        What it should be of: ``"a trained vocoder"``.

    Yields
    ------
    None

    Raises
    ------
    VoiceError
        It names `path` and `what`.
    """
    try:
        yield
    except VoiceError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError) as error:
        raise VoiceError(
            f"is not what {what} holds ({type(error).__name__}: {error})", where=str(path), hint=AGAIN
        ) from error


def _lacking(what: str) -> str:
    return f"training {what} needs torch (speaking does not)"
