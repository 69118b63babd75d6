# SPDX-License-Identifier: Apache-2.0
"""Whether a vocoder fits its acoustic model, decided before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthkit.errors import MissingDependency, PluginError, SpecMismatch
from synthkit.plugins import Registry, registry
from synthkit.settings import Settings
from synthkit.stages import Adapter, FeatureExtractor, Vocoder
from synthkit.types import Demand, FeatureSpec, Item
from synthkit.types.differences import Row, cells_of, table


@dataclass(frozen=True)
class Bridge:
    """A named adapter and the spec it gives."""

    name: str
    adapter: Adapter
    spec: FeatureSpec

    def adapt(self, item: Item) -> Item:
        """Pass `item` over the bridge.

        Parameters
        ----------
        item : Frames, UnitPath or Waveform

        Returns
        -------
        Frames, UnitPath or Waveform
            Under the bridge's `spec`.
        """
        return self.adapter.adapt(item, self.spec)


def connect(
    produced: FeatureSpec,
    vocoder: Vocoder,
    *,
    names: tuple[str, str],
    adapters: Sequence[str] = (),
    settings: Mapping[str, Settings] | None = None,
    plugins: Registry,
) -> list[Bridge]:
    """How `produced` reaches `vocoder`: straight (no bridge), or over the adapters that are named.

    Parameters
    ----------
    produced : FeatureSpec
        What the acoustic model gives.
    vocoder : Vocoder
    names : (str, str)
        The acoustic model's and the vocoder's names, for messages.
    adapters : sequence of str
        Adapters the configuration names, in order. ``"auto"`` takes the first installed one that fits.
    settings : mapping of str to Settings, optional
        Of adapters by name; one that is not there has its defaults.
    plugins : Registry
        Where adapters are looked for.

    Returns
    -------
    list of Bridge
        In the order in which an item passes them.

    Raises
    ------
    SpecMismatch
        They do not fit; the message holds a field-by-field table and names the adapters that would do.
    """
    if produced.kind == "waveform":
        return []  # an end-to-end model speaks for itself; no vocoder is asked
    accepted = vocoder.accepts()
    settings = settings or {}
    bridges: list[Bridge] = []
    spec = produced
    for name in adapters:
        if any(a.accepts(spec) for a in accepted):
            break
        candidates = plugins.names("adapter") if name == "auto" else [name]
        bridge = next((b for c in candidates if (b := _bridge(c, spec, accepted, settings, plugins))), None)
        if bridge is None and name != "auto":
            adapter = plugins.load("adapter", name)(settings.get(name))
            onward = [adapter.bridge(spec, a) for a in accepted]
            onward = [s for s in onward if s is not None]
            if onward:
                bridge = Bridge(name, adapter, onward[0])
        if bridge is None:
            why = (
                "no installed adapter bridges them"
                if name == "auto"
                else f"adapter {name!r} cannot bridge it"
            )
            raise _mismatch(spec, accepted, names, why, ())
        bridges.append(bridge)
        spec = bridge.spec
    if any(a.accepts(spec) for a in accepted):
        return bridges
    able = tuple(
        name for name in plugins.names("adapter") if _bridge(name, spec, accepted, settings, plugins)
    )
    raise _mismatch(spec, accepted, names, "they do not fit", able)


def _bridge(
    name: str,
    spec: FeatureSpec,
    accepted: Sequence[Demand],
    settings: Mapping[str, Settings],
    plugins: Registry,
) -> Bridge | None:
    adapter = plugins.load("adapter", name)(settings.get(name))
    for wanted in accepted:
        given = adapter.bridge(spec, wanted)
        if given is not None and wanted.accepts(given):
            return Bridge(name, adapter, given)
    return None


def _mismatch(
    spec: FeatureSpec,
    accepted: Sequence[Demand],
    names: tuple[str, str],
    why: str,
    able: Sequence[str],
) -> SpecMismatch:
    hint = "choose another vocoder, or train on the features it accepts"
    if able:
        hint = f"add to the [vocoder] table: adapters = [{', '.join(repr(a) for a in able[:1])}]"
        if len(able) > 1:
            hint += f" (also able: {', '.join(able[1:])})"
    heads = f"{names[0]} gives", f"{names[1]} accepts"
    tables = mismatch_tables(spec, accepted, *heads)
    return SpecMismatch(
        f"acoustic model {names[0]!r} and vocoder {names[1]!r}: {why}\n{tables}",
        hint=hint,
        tables=mismatch_cells(spec, accepted, *heads),
    )


def mismatch_tables(spec: FeatureSpec, accepted: Sequence[Demand], ours: str, theirs: str) -> str:
    """Field by field, how `spec` misses the one or two demands that it comes nearest to.

    `ours` and `theirs` head the columns.

    Parameters
    ----------
    spec : FeatureSpec
    accepted : sequence of Demand
    ours, theirs : str
        What has the spec, and what makes the demands.

    Returns
    -------
    str
    """
    return "\n  or\n".join(table(rows, ours, theirs) for rows in _nearest(spec, accepted))


def mismatch_cells(
    spec: FeatureSpec, accepted: Sequence[Demand], ours: str, theirs: str
) -> list[list[tuple[str, str, str]]]:
    """The same as rows of cells, the headings first; for `SpecMismatch.tables`.

    Parameters
    ----------
    spec : FeatureSpec
    accepted : sequence of Demand
    ours, theirs : str

    Returns
    -------
    list of list of (str, str, str)
        A table for each of those demands.
    """
    return [cells_of(rows, ours, theirs) for rows in _nearest(spec, accepted)]


def _nearest(spec: FeatureSpec, accepted: Sequence[Demand]) -> list[list[Row]]:
    # The nearest first; a table of everything else would hide it.
    return sorted((a.differences(spec) for a in accepted), key=len)[:2]


def extractor_for(
    accepted: Demand, sample_rate: int, plugins: Registry
) -> tuple[str, FeatureExtractor] | None:
    """Name and instance of the first installed extractor, by name, whose spec meets `accepted`.

    `sample_rate` (Hz) is used where `accepted` leaves the rate open. None when no extractor can.

    Parameters
    ----------
    accepted : Demand
    sample_rate : int
    plugins : Registry

    Returns
    -------
    (str, FeatureExtractor) or None
    """
    for registration in plugins.of_stage("features"):
        try:
            found = registration.load().matching(accepted, sample_rate)
        except (MissingDependency, PluginError):
            continue  # it is not whole, so it cannot give anything; `synthkit plugins` reports it
        if found is not None:
            return registration.name, found
    return None


def check_trains(
    what: str, names: tuple[str, str], spec: FeatureSpec, accepted: Sequence[Demand], rate: int
) -> None:
    """Raise `SpecMismatch`, with a table of the fields, for what cannot be trained on these features.

    Parameters
    ----------
    what : str
        As messages call it.
    names : (str, str)
        Its own name and the features'.
    spec : FeatureSpec
        Of the features.
    accepted : sequence of Demand
        What it trains on.
    rate : int
        Hz, of the recordings.

    Raises
    ------
    SpecMismatch
        None of `accepted` accepts `spec`.
    """
    if any(wanted.accepts(spec) for wanted in accepted):
        return
    able = (extractor_for(wanted, rate, registry()) for wanted in accepted)
    found = next((f[0] for f in able if f is not None), None)
    heads = f"{names[1]} gives", f"{names[0]} trains on"
    raise SpecMismatch(
        f"{what} cannot be trained on features {names[1]!r}\n{mismatch_tables(spec, accepted, *heads)}",
        hint=f'set features.plugin = "{found}"' if found else "no installed features are what it trains on",
        tables=mismatch_cells(spec, accepted, *heads),
    )
