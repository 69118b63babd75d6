# SPDX-License-Identifier: Apache-2.0
"""What data looks like in a notebook and in a browser: players, pictures and tables.

`drawing` draws by matplotlib what has a time axis, `overviews` the rest; `markup` makes what Jupyter shows,
`frames` what pandas takes, `table` holds rows; `told` says what speaking gave as plain lists for the modules
in ``page``, which draw it in a browser.
The types call `html`, `plot` and `to_pandas` here when they are asked to show themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synthkit.errors import MissingDependency
from synthkit.show.table import HINT

PAGE = Path(__file__).parent / "page"
"""Style and ES modules that pages share: a server hands them out, a page that is one file holds them."""
SHARED = ("synthkit.eval.report", "web")
"""Package and folder of those that the report of a comparison has too."""


def page_text(name: str) -> str:
    """The text of a file of `PAGE`, or of a module that the report has too.

    Parameters
    ----------
    name : str
        As a page's links have it.

    Returns
    -------
    str
    """
    from importlib.resources import files

    own = PAGE / name
    return (own if own.is_file() else files(SHARED[0]).joinpath(SHARED[1], name)).read_text(encoding="utf-8")


def html(shown: Any) -> str:
    """`shown` as a piece of HTML; without matplotlib, the picture is replaced by a line that says so.

    Parameters
    ----------
    shown : object

    Returns
    -------
    str
    """
    from synthkit.show.markup import html_of

    return html_of(shown)


def plot(shown: Any, axes: Any = None, **options: Any) -> Any:
    """Draw `shown`; see `synthkit.types.shown.Shown.plot`.

    Parameters
    ----------
    shown : object
    axes : matplotlib.axes.Axes or array of them, optional
    **options : object

    Returns
    -------
    Axes or array of them

    Raises
    ------
    ConfigError
        The kind of picture has no such option.
    ValueError
        There are fewer or more axes than the picture has rows.
    """
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError as error:
        raise MissingDependency("drawing needs matplotlib", hint=HINT) from error
    from inspect import signature

    import numpy as np

    from synthkit.show.drawing import draw, rows_of
    from synthkit.show.overviews import OVERVIEWS
    from synthkit.tables import unknown

    known = {
        p.name
        for p in signature(rows_of.dispatch(type(shown))).parameters.values()
        if p.kind not in (p.VAR_KEYWORD, p.POSITIONAL_ONLY) and p.name != "shown"
    }
    for name in options:
        if name not in known:
            raise unknown(name, sorted(known), f"the picture of a {type(shown).__name__}", "option")
    rows = rows_of(shown, **options)
    if axes is None:
        _, axes = plt.subplots(len(rows), 1, sharex=not isinstance(shown, OVERVIEWS), layout="constrained",
                               squeeze=False, figsize=(10, sum(rows)), height_ratios=rows)  # fmt: skip
        axes = axes[:, 0] if len(rows) > 1 else axes[0, 0]
    elif np.size(axes) != len(rows):
        raise ValueError(
            f"the picture of this {type(shown).__name__} has {len(rows)} rows, and {np.size(axes)} axes were "
            f"given: plt.subplots({len(rows)})[1], or leave them out"
        )
    draw(shown, axes, **options)
    return axes


def to_pandas(shown: Any) -> Any:
    """`shown` as a `pandas.DataFrame`.

    Parameters
    ----------
    shown : object

    Returns
    -------
    pandas.DataFrame
    """
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise MissingDependency("a data frame needs pandas", hint=HINT) from error
    from synthkit.show.frames import columns_of

    return pandas.DataFrame(columns_of(shown))
