"""The corpora synthkit knows by name, and the ``corpora`` commands."""

from __future__ import annotations

from synthkit import hookimpl
from synthkit.plugins import Register


@hookimpl
def register_corpora(register: Register) -> None:
    """Recipes for fetched and bundled corpora."""
    register("bundled-ru", "synthkit.corpora.bundled:BundledRu", summary="Russian, comes with synthkit")
    register("bundled-en", "synthkit.corpora.bundled:BundledEn", summary="English, comes with synthkit")
    register("msu-ru-nsh", "synthkit.corpora.msu_ru_nsh:MsuRuNsh", summary="Russian, 99.5 min, phone labels")
    register("asterisk-en", "synthkit.corpora.asterisk:AsteriskEn", summary="English prompts, 24.3 min")
    register("asterisk-es", "synthkit.corpora.asterisk:AsteriskEs", summary="Spanish prompts, 28.9 min")
    register("asterisk-fr", "synthkit.corpora.asterisk:AsteriskFr", summary="French prompts, 23.9 min")
    register("asterisk-it", "synthkit.corpora.asterisk:AsteriskIt", summary="Italian prompts, 22.6 min")
    register("asterisk-ru", "synthkit.corpora.asterisk:AsteriskRu", summary="Russian prompts, 23.5 min")


@hookimpl
def register_commands(register: Register) -> None:
    """``synthkit corpora``."""
    register("corpora", "synthkit.corpora.cli:corpora", summary="the data: list, get, check, split")
