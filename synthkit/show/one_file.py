# SPDX-License-Identifier: Apache-2.0
"""A page that is one file: it opens from disk, holds what it shows, and asks nobody for anything."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from html import escape
from typing import Any

from synthkit.show import page_text

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data:; "
    "media-src data: blob:"
)
"""What a browser lets the page load: nothing from any other place."""
_IMPORTED = re.compile(r'from "\./([\w-]+\.js)"')


def one_file(title: str, body: str, script: str, styles: Sequence[str], data: Any) -> str:
    """HTML of a page.

    Parameters
    ----------
    title : str
        Text.
    body : str
        HTML.
    script : str
        Name of the module (`page_text`) that begins; those that it imports come along.
    styles : sequence of str
        Names of the style sheets.
    data : object
        JSON-ready; the script finds it in the element ``data``.

    Returns
    -------
    str
    """
    modules = {f"synthkit/{name}": _embedded(text) for name, text in _modules(script).items()}
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    sheets = "\n".join(page_text(name) for name in styles)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{sheets}</style>
<script type="importmap">{json.dumps({"imports": modules})}</script>
</head>
<body>
{body}
<script type="application/json" id="data">{told}</script>
<script type="module">import "synthkit/{script}";</script>
</body>
</html>
"""


def _modules(script: str) -> dict[str, str]:
    """Sources, by name, of a module and all that it imports, as the import map names them."""
    found: dict[str, str] = {}
    waiting = [script]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        text = page_text(name)
        waiting += _IMPORTED.findall(text)
        found[name] = _IMPORTED.sub(r'from "synthkit/\1"', text)
    return found


def _embedded(text: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(text.encode()).decode()
