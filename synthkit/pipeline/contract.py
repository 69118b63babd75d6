"""Whether a vocoder fits its acoustic model, decided before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthkit.errors import SpecMismatch
from synthkit.plugins import Registry
from synthkit.settings import Settings
from synthkit.stages import Adapter, Vocoder
from synthkit.types import FeatureSpec


@dataclass(frozen=True)
class Bridge:
    """A named adapter and the spec it gives."""

    name: str
    adapter: Adapter
    spec: FeatureSpec

    def adapt(self, item: Any) -> Any:
        """Pass `item` over the bridge."""
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
        if any(not spec.differences(a) for a in accepted):
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
            raise _mismatch(spec, accepted, names, f"adapter {name!r} cannot bridge it", ())
        bridges.append(bridge)
        spec = bridge.spec
    if any(not spec.differences(a) for a in accepted):
        return bridges
    able = tuple(
        name for name in plugins.names("adapter") if _bridge(name, spec, accepted, settings, plugins)
    )
    raise _mismatch(spec, accepted, names, "they do not fit", able)


def _bridge(
    name: str,
    spec: FeatureSpec,
    accepted: Sequence[FeatureSpec],
    settings: Mapping[str, Settings],
    plugins: Registry,
) -> Bridge | None:
    adapter = plugins.load("adapter", name)(settings.get(name))
    for wanted in accepted:
        given = adapter.bridge(spec, wanted)
        if given is not None and not given.differences(wanted):
            return Bridge(name, adapter, given)
    return None


def _mismatch(
    spec: FeatureSpec,
    accepted: Sequence[FeatureSpec],
    names: tuple[str, str],
    why: str,
    able: Sequence[str],
) -> SpecMismatch:
    tables = []
    # The nearest accepted spec first; a table of everything else would hide it.
    for wanted in sorted(accepted, key=lambda a: len(spec.differences(a)))[:2]:
        rows = [("field", f"{names[0]} gives", f"{names[1]} accepts")]
        rows += [(f, _show(ours), _show(theirs)) for f, ours, theirs in spec.differences(wanted)]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        tables.append(
            "\n".join(
                "  " + "  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows
            )
        )
    hint = "choose another vocoder, or train on the features it accepts"
    if able:
        hint = f"add to the [vocoder] table: adapters = [{', '.join(repr(a) for a in able[:1])}]"
        if len(able) > 1:
            hint += f" (also able: {', '.join(able[1:])})"
    return SpecMismatch(
        f"acoustic model {names[0]!r} and vocoder {names[1]!r}: {why}\n" + "\n  or\n".join(tables), hint=hint
    )


def _show(value: Any) -> str:
    if value is None or value == ():
        return "–"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
