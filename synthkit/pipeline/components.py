"""Components as they cross process boundaries, and the part of a cache key that each one is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synthkit.config import StageConfig
from synthkit.plugins import registry


@dataclass(frozen=True)
class ComponentRef:
    """A component by name and settings: small, picklable, made once per process."""

    stage: str
    plugin: str
    settings: str

    @classmethod
    def of(cls, stage: str, config: StageConfig) -> ComponentRef:
        """The reference of a configured stage."""
        return cls(stage, config.plugin, config.settings.model_dump_json())

    def get(self) -> Any:
        """The component; the same object for every call in one process."""
        return _make(self)

    def new(self) -> Any:
        """A component of its own, for work that leaves something learnt in it."""
        kind = registry().load(self.stage, self.plugin)
        return kind(kind.Config.model_validate_json(self.settings))

    def identity(self) -> dict[str, Any]:
        """What results of this component depend on, besides its inputs."""
        registration = registry().find(self.stage, self.plugin)
        component = self.get()
        return {
            "stage": self.stage,
            "plugin": self.plugin,
            "distribution": f"{registration.distribution} {registration.version}",
            "version": component.version,
            "settings": {
                k: v for k, v in json.loads(self.settings).items() if k not in component.Config.places
            },
            "fingerprint": component.fingerprint(),
        }


@lru_cache(maxsize=32)
def _make(ref: ComponentRef) -> Any:
    return ref.new()
