# SPDX-License-Identifier: Apache-2.0
"""The parts: packed lists, the contract, languages of others."""

import pytest
from synthkit_text.blob import Blob, pack

from synthkit.testing import check_segmenter


def test_a_blob_gives_back_what_was_packed():
    rows = {f"w{i}".encode(): str(i).encode() for i in range(1000)}
    blob = Blob(pack(rows.items()))
    assert all(blob.get(k) == v for k, v in rows.items())
    assert blob.get(b"w") is None
    assert blob.get(b"w1000") is None
    assert blob.get(b"\xff") is None
    assert dict(blob) == rows


def test_a_key_given_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        pack([(b"a", b"1"), (b"a", b"2")])


def test_the_contract():
    from synthkit.plugins import registry

    segmenter = registry().load("segmentation", "text")()
    check_segmenter(
        segmenter,
        {
            "ru": ("Мама мыла раму.", "В 2024 году, -5°C и iPhone!"),
            "en": ("The cat sat.", "$20 is, I read, enough."),
        },
    )


def test_other_languages_go_to_the_plugin_that_has_them():
    from synthkit.errors import MissingDependency, PluginError
    from synthkit.plugins import registry

    try:
        registry().load("segmentation", "espeak")().fingerprint()
    except (PluginError, MissingDependency) as error:
        pytest.skip(f"espeak is not usable here: {error.message}")
    got = registry().load("segmentation", "text")().segment("El perro corre.", "es")
    assert got.phone_set == "ipa"
    assert [w.text for w in got.words] == ["El", "perro", "corre"]
