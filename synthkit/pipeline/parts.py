# SPDX-License-Identifier: Apache-2.0
"""The parts of a voice, put together: tables → settings → class → instance → contract.

Whatever makes a component of a stage comes through here: building, speaking, aligning, copy synthesis,
comparing, and a voice that guides another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from synthkit import tables
from synthkit.errors import ConfigError, MissingDependency, VoiceError
from synthkit.pipeline.contract import Bridge, check_trains, connect
from synthkit.pipeline.part import Part, anchored, installed
from synthkit.pipeline.voice_folder import MANIFEST, produced_spec
from synthkit.plugins import registry
from synthkit.settings import Settings
from synthkit.stages import Converter, Vocoder
from synthkit.types import FeatureSpec

STAGES = ("segmentation", "alignment", "features", "acoustic_model", "vocoder")
OPTIONAL = ("prosody",)
"""Parts that a voice has where it has a table for them."""
SPEAKING = ("segmentation", *OPTIONAL, "acoustic_model", "vocoder")
"""Those that a built voice speaks with."""
CONVERSION = "conversion"
"""The part that a finished voice may have behind its vocoder; see `synthkit.pipeline.converting`."""
ADAPTERS = "adapters"
"""The section that holds a table of settings for each adapter, ``[adapters.NAME]``."""


@dataclass(frozen=True)
class Parts:
    """Stages of one voice, and the settings of the adapters that its vocoder names or that have a table."""

    stages: dict[str, Part]
    adapters: dict[str, Settings] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        data: Mapping[str, Any],
        names: Sequence[str] = (*STAGES, *OPTIONAL),
        *,
        base: Path,
        source: str = "",
        rate: int | None = None,
        checked: Mapping[str, str] | None = None,
    ) -> Parts:
        """The parts that tables describe.

        Parameters
        ----------
        data : mapping
            A table for each stage; one that is missing is the default plugin with its defaults, of
            `OPTIONAL` parts none.
        names : sequence of str
            The stages wanted; with the vocoder comes the conversion, where there is one.
        base : Path
            Relative paths in the tables are relative to it.
        source : str
            Where the tables come from, for messages.
        rate : int, optional
            Hz, of the recordings: see `Part.at`.
        checked : mapping of str to str, optional
            Stages whose tables were checked, with the `Settings.declaration` they were checked
            against; as long as that is theirs, they are not checked again.

        Returns
        -------
        Parts

        Raises
        ------
        SynthkitError
            A plugin is missing, or a key or a value is wrong.
        """
        check_sections(data, source)
        known = checked or {}
        if CONVERSION in data and "vocoder" in names:
            names = [*names, CONVERSION]
        stages = {
            name: Part.of(
                name, data.get(name, {}), base=base, source=source, rate=rate, checked=known.get(name, "")
            )
            for name in names
            if name in data or name not in OPTIONAL
        }
        named = stages["vocoder"].adapters if "vocoder" in stages else ()
        return cls(stages, _adapters(data.get(ADAPTERS, {}), named, base, source))

    @classmethod
    def of_voice(
        cls,
        folder: Path,
        manifest: Mapping[str, Any],
        names: Sequence[str] = SPEAKING,
        overrides: Sequence[str] = (),
    ) -> Parts:
        """Parts of a built voice, at its sample rate.

        A table that nothing overrides was checked when the voice was built; that holds as long as the
        settings are still declared as they were.

        Parameters
        ----------
        folder : Path
        manifest : mapping
            As `synthkit.pipeline.voice_folder.read_manifest` gives it.
        names : sequence of str
            The stages wanted.
        overrides : sequence of str
            ``"stage.key=value"``.

        Returns
        -------
        Parts

        Raises
        ------
        SynthkitError
            A plugin is missing, or a key or a value is wrong.
        """
        source = folder / "voice.toml"
        data = tables.read(source)
        if overrides:
            data = tables.override(data, overrides)
        check_sections(data, str(source))
        changed = {text.partition(".")[0].strip() for text in overrides}
        for name in names:
            built = manifest["plugins"].get(name, {}).get("plugin")
            said = data.get(name, {}).get("plugin", built)
            if name not in changed and built is not None and said != built:
                raise VoiceError(
                    f"says that the {name} is {built!r}, and voice.toml that it is {said!r}",
                    where=str(folder / MANIFEST),
                    hint="build the voice again, or copy it again from where it is whole",
                )
        checked = {
            name: part["settings"]
            for name in names
            if name not in changed
            and (part := manifest["plugins"].get(name, {})).get("settings")
            and part["plugin"] == data.get(name, {}).get("plugin")
        }
        rate = manifest["sample_rate"]
        return cls.of(data, names, base=folder.resolve(), source=str(source), rate=rate, checked=checked)

    def __getitem__(self, stage: str) -> Part:
        return self.stages[stage]

    def wanted(self) -> dict[str, str]:
        """What every worker has to have of these parts: `synthkit.pipeline.part.installed` by its names."""
        names = [f"{stage}:{part.plugin}" for stage, part in self.stages.items()]
        return {name: installed(name) for name in names}

    def at(self, rate: int) -> Parts:
        """The same for recordings at `rate` (Hz): see `Part.at`.

        Parameters
        ----------
        rate : int

        Returns
        -------
        Parts
        """
        return replace(self, stages={name: part.at(rate) for name, part in self.stages.items()})

    def ready_vocoder(self, folder: Path, manifest: dict[str, Any]) -> tuple[Vocoder, list[Bridge]]:
        """The vocoder, ready to render, and the adapters on the way to it.

        Parameters
        ----------
        folder : Path
            Of the voice.
        manifest : dict
            The voice's.

        Returns
        -------
        vocoder : Vocoder
        bridges : list of Bridge

        Raises
        ------
        SpecMismatch
            It cannot render what the voice's acoustic model gives.
        VoiceError
            It has to be trained with the voice, and was not.
        """
        part = self.stages["vocoder"]
        vocoder: Vocoder = part.new()
        if vocoder.trainable:
            if manifest["plugins"]["vocoder"]["plugin"] != part.plugin:
                raise VoiceError(
                    f"vocoder {part.plugin!r} has to be trained with the voice",
                    where=str(folder),
                    hint=f'set vocoder.plugin = "{part.plugin}" in the TOML file and build again',
                )
            vocoder = part.opened(folder)
        try:
            return vocoder, self.connect(produced_spec(folder, manifest), vocoder)
        except BaseException:
            vocoder.close()
            raise

    def ready_converter(self, folder: Path) -> Converter | None:
        """The converter that speaks behind the vocoder of the voice in `folder`; None where it has none.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        Converter or None
        """
        return self[CONVERSION].opened(folder) if CONVERSION in self.stages else None

    def connect(self, produced: FeatureSpec, vocoder: Vocoder | None = None) -> list[Bridge]:
        """How what the acoustic model gives reaches the vocoder; see `synthkit.pipeline.contract.connect`.

        Parameters
        ----------
        produced : FeatureSpec
        vocoder : Vocoder, optional
            That of the parts if left out.

        Returns
        -------
        list of Bridge
        """
        return connect(
            produced,
            vocoder if vocoder is not None else self["vocoder"].get(),
            names=(self["acoustic_model"].plugin, self["vocoder"].plugin),
            adapters=self["vocoder"].adapters,
            settings=self.adapters,
            plugins=registry(),
        )

    def contract(self, rate: int, log: Callable[[str], None] = lambda _: None) -> list[Bridge]:
        """Whether the parts fit: features and acoustic model, acoustic model and vocoder, and each its
        settings.

        Nothing of a corpus is looked at; adapters on the way are told to `log`.

        Parameters
        ----------
        rate : int
            Hz, of the recordings.
        log : callable
            Told a line.

        Returns
        -------
        list of Bridge
            On the way from acoustic model to vocoder.

        Raises
        ------
        SpecMismatch, ConfigError
            They do not.
        """
        spec, model = self["features"].get().spec, self["acoustic_model"].get()
        names = self["acoustic_model"].plugin, self["features"].plugin
        if "prosody" in self.stages:  # first whether both can speak together: no other features mend that
            self._check_heard()
        check_trains(f"acoustic model {names[0]!r}", names, spec, model.consumes, rate)
        if "prosody" in self.stages:
            part = self["prosody"].plugin, names[1]
            demands = self["prosody"].get().consumes
            check_trains(f"prosody {part[0]!r}", part, spec, demands, rate)
        if spec.sample_rate != rate:
            raise ConfigError(
                f"features are at {spec.sample_rate} Hz, the recordings at {rate} Hz",
                where="[features] sample_rate",
                hint=f"set voice.sample_rate = {spec.sample_rate} to resample the recordings",
            )
        given = model.produces(spec)
        bridges = self.connect(given)
        for bridge in bridges:
            log(f"adapter {bridge.name}: {bridge.adapter.describe(given, bridge.spec)}")
            given = bridge.spec
        errors = [f for part in self.stages.values() for f in part.get().check() if f.severity == "error"]
        if errors:
            from synthkit.types.finding import MISSING

            kind = MissingDependency if all(f.code == MISSING for f in errors) else ConfigError
            shows = "`synthkit doctor` shows every check"
            if len(errors) == 1:
                (one,) = errors
                raise kind(one.problem, where=one.where, hint=f"{one.mend}; {shows}" if one.mend else shows)
            raise kind("\n".join(["the parts cannot work together:", *map(str, errors)]), hint=shows)
        return bridges

    def _check_heard(self) -> None:
        """Refuse a prosody part that the acoustic model is deaf to."""
        part, model = self["prosody"], self["acoustic_model"]
        if "prosody" not in model.get().takes:
            raise ConfigError(
                f"acoustic model {model.plugin!r} takes no pauses, durations or F0 from prosody "
                f"{part.plugin!r}",
                where="[prosody]",
                hint="leave the table out, or take an acoustic model that does, such as 'unit-selection' or "
                "'parametric'",
            )

    def to_dict(self) -> dict[str, Any]:
        """As they stand in TOML, defaults filled in."""
        out: dict[str, Any] = {name: part.to_dict() for name, part in self.stages.items()}
        adapters = {name: s.model_dump(exclude_none=True) for name, s in self.adapters.items()}
        return out | ({ADAPTERS: adapters} if adapters else {})


def check_sections(data: Mapping[str, Any], source: str) -> None:
    """Raise `ConfigError` for a section that no configuration has, or that is no table.

    Parameters
    ----------
    data : mapping
        Tables by section.
    source : str
        Where they come from, for messages.

    Raises
    ------
    ConfigError
        There is one.
    """
    known = ("voice", *STAGES, *OPTIONAL, CONVERSION, ADAPTERS)
    for name, table in data.items():
        if name not in known:
            raise tables.unknown(name, known, source, "section")
        if not isinstance(table, dict):
            raise ConfigError(f"[{name}] has to be a table", where=source)


def _adapters(data: Mapping[str, Any], named: Sequence[str], base: Path, source: str) -> dict[str, Settings]:
    """Settings of the ``[adapters.NAME]`` tables; adapters that are `named` and have none get their defaults.

    A table for an adapter that is not named is kept: it waits for a vocoder that needs it.
    """
    out = {}
    for name in dict.fromkeys([*data, *(n for n in named if n != "auto")]):
        where = f"{source} [{ADAPTERS}.{name}]".strip()
        table = data.get(name, {})
        if not isinstance(table, dict):
            raise ConfigError(
                f"{ADAPTERS}.{name} has to be a table of that adapter's settings",
                where=where,
                hint="which adapters feed the vocoder is a key of [vocoder], as in "
                "adapters = ['units-to-frames']",
            )
        kind = registry().load("adapter", name).Config
        out[name] = anchored(tables.validate(kind, table, where=where), base)
    return out
