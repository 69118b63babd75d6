# SPDX-License-Identifier: Apache-2.0
"""synthkit: classical and neural voices as one pipeline of plugins, judged by one harness.

What lives where
    types/      the data that flows between stages (numpy only)
    plugins.py  finding plugins; hookspecs.py, the hooks they fill
    tables.py   TOML and --set, checked against settings.py
    pipeline/   build and speak over the same stages, cache, executors
    corpora/    recipes, checks and splits
    eval/       metrics, statistics, comparison reports (never imports a backend)
    cli/        the command line
    testing/    a pytest plugin with a conformance kit for every stage

The core imports no plugin and no heavy dependency.
"""

import pluggy

__version__ = "0.1.0"

hookimpl = pluggy.HookimplMarker("synthkit")
"""Decorator a plugin puts on each hook it fills."""

__all__ = ["__version__", "hookimpl"]
