# SPDX-License-Identifier: Apache-2.0
"""Small rooms: formulas, terms, the refusal of the network, the voices of chapters."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from synthkit_course.mathml import with_formulas
from synthkit_course.offline import NetworkUsed
from synthkit_course.render import known, slug
from synthkit_course.shown import captioned
from synthkit_course.site import names
from synthkit_course.voices import voice

from synthkit.errors import ConfigError


def test_formulas_become_mathml() -> None:
    inline = with_formulas(r'<p><span class="arithmatex">\(a &lt; b\)</span></p>')
    assert "<math" in inline and "arithmatex" not in inline and "a < b" not in inline
    assert "overflow-x" in with_formulas(r'<div class="arithmatex">\[\frac{1}{N}\]</div>')
    assert with_formulas("<p>5 $</p>") == "<p>5 $</p>"


def test_terms_are_found_in_the_plural_and_by_each_name() -> None:
    assert names("Mel, mel-cepstrum (`mcep`)") == ["Mel", "mel-cepstrum", "mcep"]
    assert slug("V/UV") == "v-uv" and slug("F0") == "f0"
    terms = {"formant": "g#formant", "pulse": "g#pulse"}
    assert known("Formants", terms) == "g#formant" and known("pulses", terms) == "g#pulse"
    assert known("forma", terms) == ""


def test_captions_are_text() -> None:
    assert captioned("a < b") == "<figcaption>a &lt; b</figcaption>" and captioned("") == ""


def test_the_network_is_refused_and_this_machine_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = (
            "import socket\n"
            "from synthkit_course.offline import NetworkUsed, refuse\n"
            "refuse()\n"
            f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]})).close()\n"
            "for where in (('192.0.2.1', 80), ('example.org', 80)):\n"
            "    try:\n        socket.create_connection(where, 1)\n"
            "    except NetworkUsed as error:\n        print(error)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("may not use the network") == 2
    assert issubclass(NetworkUsed, OSError)


def test_a_voice_is_built_once_and_speaks(kept) -> None:
    first = voice("demo-ru", limit=8)
    assert first.folder.parent == kept / "work" / "course" / "voices" and first.name == "demo-ru"
    written = first.folder.stat().st_mtime_ns
    again = voice("demo-ru", limit=8)
    assert again.folder == first.folder and again.say("Да.").duration > 0.1
    assert first.folder.stat().st_mtime_ns == written
    with pytest.raises(ConfigError, match="no voice 'nobody'"):
        voice("nobody")
