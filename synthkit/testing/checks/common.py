# SPDX-License-Identifier: Apache-2.0
"""What every component is asked, and the few tools of the other checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from synthkit.errors import SynthkitError
from synthkit.offers import BASE_OF_STAGE, misspelt
from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import Component, Demo
from synthkit.tables import validate
from synthkit.testing.wrong import wrong_values
from synthkit.types import Demand, Frames, Item, Waveform

BASES: dict[str, type] = {stage: resolve_name(base) for stage, base in BASE_OF_STAGE.items()}
PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")


def check_registration(stage: str, name: str) -> type[Component]:
    """The component is registered, loads, is of its stage's base class, and its settings are typed and
    hold.

    Parameters
    ----------
    stage : str
    name : str

    Returns
    -------
    type
        The component's class.

    Raises
    ------
    AssertionError
        Something of this is not so.
    """
    r = registry().find(stage, name)
    kind: type[Component] = r.load()
    check_class(stage, kind, r.reference)
    assert r.summary, f"{stage} {name!r} has no summary; `synthkit plugins` shows it"
    check_settings(kind.Config, f"{r.reference}.Config")
    check_demos(kind, r.reference)
    return kind


def check_class(stage: str, kind: type, where: str) -> None:
    """It is of its stage's base class, and has no name that is almost one of that class: ``trainabel = True``
    would be read by nobody, and a vocoder that learns would never be trained.

    Parameters
    ----------
    stage : str
    kind : type
    where : str
        Named in messages.

    Raises
    ------
    AssertionError
        It is not.
    """
    base = BASES[stage]
    assert isinstance(kind, type) and issubclass(kind, base), f"{where} is no {base.__name__}"
    for name, meant in misspelt(stage, kind):
        raise AssertionError(
            f"{where}.{name}: {base.__name__} has no such attribute; did you mean {meant!r}?"
        )


def check_demos(kind: type, where: str) -> None:
    """What `synthkit gallery` shows of a component are demos whose settings it has.

    Parameters
    ----------
    kind : type
    where : str
        Named in messages.

    Raises
    ------
    AssertionError
        They are none, share a name, or a setting is none of the component's.
    """
    demos = getattr(kind, "demos", ())
    assert isinstance(demos, tuple) and all(isinstance(d, Demo) for d in demos), (
        f"{where}.demos is no tuple of Demo"
    )
    names = [(d.name, language) for d in demos for language in d.languages or ("",)]
    assert len(set(names)) == len(names), f"{where}.demos has two of one name"
    for demo in demos:
        # a "{NAME}" stands for a folder, and is a text for whatever takes one
        try:
            validate(kind.Config, demo.settings, where=f"{where}.demos")  # type: ignore[attr-defined]
        except SynthkitError as error:
            raise AssertionError(str(error)) from error


def check_demands(demands: object, where: str) -> None:
    """What a component takes is a tuple or list of `Demand`, and not one alone.

    Parameters
    ----------
    demands : object
        What `accepts` gives, or `consumes` is.
    where : str
        Named in messages.

    Raises
    ------
    AssertionError
        It is something else.
    """
    assert isinstance(demands, tuple | list), f"{where} is a {type(demands).__name__}, no tuple of Demand"
    for demand in demands:
        assert isinstance(demand, Demand), f"{where} holds a {type(demand).__name__}; all in it are of Demand"


def check_settings(kind: type[Settings], where: str) -> None:
    """Settings refuse what they cannot be, by name, and come back from JSON.

    Of every field one value of another type and one beyond each limit is tried.

    Parameters
    ----------
    kind : type of Settings
    where : str
        Named in messages.

    Raises
    ------
    AssertionError
        A wrong value is taken, or its name is not in the message.
    """
    assert isinstance(kind, type) and issubclass(kind, Settings), f"{where} is no synthkit.settings.Settings"
    _refuses(kind, {"no such key": 1}, f"{where} lets unknown keys pass", "no such key")
    for wrong in wrong_values(kind):
        _refuses(
            kind, {wrong.field: wrong.value},
            f"{where} takes {wrong.field} = {wrong.value!r} ({wrong.why})", wrong.field,
        )  # fmt: skip
    if not any(field.required for field in kind.model_fields.values()):
        defaults = kind()
        assert kind.model_validate_json(defaults.model_dump_json()) == defaults, (
            f"{where} does not come back from JSON"
        )


def _refuses(kind: type[Settings], values: dict[str, Any], otherwise: str, name: str) -> None:
    said = None
    try:
        kind(**values)
    except ValueError as error:
        said = str(error)
    assert said is not None, otherwise
    assert name in said, f"{kind.__name__} refuses {name!r} without naming it: {said}"


def refused(
    action: Callable[[], object], what: str, by: type[SynthkitError] = SynthkitError
) -> SynthkitError:
    """The error of `by` that `action` ends in; anything else is against the contract.

    Parameters
    ----------
    action : callable
    what : str
        What is to be refused, for the message: ``"a waveform at another rate"``.
    by : type of SynthkitError

    Returns
    -------
    SynthkitError

    Raises
    ------
    AssertionError
        It ends otherwise.
    """
    try:
        action()
    except by as error:
        return error
    except Exception as error:
        raise AssertionError(
            f"{what} ends in {type(error).__name__}: {error}; a user's mistake is a {by.__name__} that says "
            "what to do"
        ) from error
    raise AssertionError(f"{what} is not refused with a {by.__name__}")


def check_artefacts(folder: Path) -> None:
    """`fit` wrote something, and nothing that runs code when it is read.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    AssertionError
        It did not, or a file of it is a pickle.
    """
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert files, "fit() wrote nothing"
    unsafe = [p.name for p in files if p.suffix in PICKLES]
    assert not unsafe, f"pickled artefacts: {unsafe}"


def same_bytes(item: Item) -> bytes:
    """What two predictions have to share to be the same.

    Parameters
    ----------
    item : Frames, UnitPath or Waveform

    Returns
    -------
    bytes
    """
    if isinstance(item, Frames):
        return b"".join(a.tobytes() for a in item.data.values())
    if isinstance(item, Waveform):
        return item.samples.tobytes()
    return repr([(u.index, u.source, u.start, u.end, u.cost) for u in item.units]).encode()
