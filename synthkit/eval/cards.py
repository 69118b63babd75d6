# SPDX-License-Identifier: Apache-2.0
"""Definition cards: one page per metric in ``docs/metrics``, written from the definitions themselves.

python -m synthkit.eval.cards docs/metrics          writes them
python -m synthkit.eval.cards docs/metrics --check  says which differ, exit code 1
"""

from __future__ import annotations

import sys
from pathlib import Path

from synthkit.errors import MissingDependency, PluginError
from synthkit.eval.metric import Definition
from synthkit.offers import Registration
from synthkit.plugins import Registry, registry

BETTER = {
    "lower": "lower is better",
    "higher": "higher is better",
    "none": "neither direction is better as such",
}


def collect(plugins: Registry) -> tuple[dict[str, list[tuple[Definition, Registration]]], list[str]]:
    """Definitions by metric, and the metrics that cannot be imported here, with the reason.

    Parameters
    ----------
    plugins : Registry

    Returns
    -------
    by_metric : dict of str to list of (Definition, Registration)
    left_out : list of str
    """
    found: dict[str, list[tuple[Definition, Registration]]] = {}
    missing = []
    for r in plugins.of_stage("metric"):
        try:
            kind = r.load()
        except (MissingDependency, PluginError) as error:
            missing.append(f"{r.name}: {error.message}")
            continue
        for d in kind.gives:
            found.setdefault(d.metric, []).append((d, r))
    return {m: sorted(ds, key=lambda d: (not d[0].main, d[0].id)) for m, ds in sorted(found.items())}, missing


def card(metric: str, definitions: list[tuple[Definition, Registration]]) -> str:
    """The page of one metric.

    Parameters
    ----------
    metric : str
    definitions : list of (Definition, Registration)
        Of it.

    Returns
    -------
    str
        Markdown.
    """
    first = definitions[0][0]
    lines = [f"# {first.title}", "", f"`{metric}` · {first.group} · {BETTER[first.better]}", ""]
    for d, r in definitions:
        unit = f", {d.unit}" if d.unit else ""
        lines += [f"## `{d.key}`{unit}", "", d.text, ""]
        facts = [
            f"Registered as `{r.name}` by `{r.distribution}`.",
            "Pooled over a test set as Σ value·n / Σ n."
            if d.pool == "ratio"
            else "A test set's figure is the mean over utterances.",
        ]
        if d.source:
            facts.append(f"Follows {d.source}.")
        if not d.tested:
            facts.append("Shown with intervals, not tested.")
        lines += [" ".join(facts), ""]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write or check the cards of everything that is installed.

    Parameters
    ----------
    arguments : list of str
        Of the command line.

    Returns
    -------
    int
        0 where all is well.
    """
    folder = Path(arguments[0])
    found, missing = collect(registry())
    wrong = []
    for metric, definitions in found.items():
        path, text = folder / f"{metric}.md", card(metric, definitions)
        if "--check" in arguments:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                wrong.append(metric)
        else:
            path.write_text(text, encoding="utf-8")
    for line in missing:
        print(f"not installed here: {line}", file=sys.stderr)
    if wrong:
        print(f"cards that are missing or differ: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
