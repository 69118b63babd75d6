# SPDX-License-Identifier: Apache-2.0
"""How data shows itself in a notebook: a base class that asks `synthkit.show` when it is asked to."""

from __future__ import annotations

from typing import Any


class Shown:
    """Something that Jupyter shows as a player, a picture or a table.

    What shows stands above the data and is found by name, as a component is: nothing of it is imported
    before something is shown.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(_show().html(self))

    def plot(self, axes: Any = None, **options: Any) -> Any:
        """Draw it by matplotlib.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Where to; a new figure of pyplot's if left out.
        **options
            Of `synthkit.show.drawing`, such as ``spectrogram=True`` for a waveform.

        Returns
        -------
        Axes, or an array of them where there are several.

        Raises
        ------
        MissingDependency
            matplotlib is not installed.
        """
        return _show().plot(self, axes, **options)

    def to_pandas(self) -> Any:
        """The same as a `pandas.DataFrame`.

        Raises
        ------
        MissingDependency
            pandas is not installed.
        """
        return _show().to_pandas(self)


def _show() -> Any:
    from importlib import import_module

    return import_module("synthkit.show")
