# SPDX-License-Identifier: Apache-2.0
"""`synthkit.pipeline.replacing`: what a voice takes the place of."""

import pytest

from synthkit.errors import SynthkitError
from synthkit.pipeline.assembling import assemble
from synthkit.pipeline.replacing import refuse_to_replace


def test_a_file_is_no_place_for_a_voice(tmp_path):
    (tmp_path / "thesis.txt").write_text("years")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("thesis.txt", "link"):
        with pytest.raises(SynthkitError, match="is no folder"):
            refuse_to_replace(tmp_path / name)
    refuse_to_replace(tmp_path / "new")


def test_what_is_put_there_while_a_voice_is_built_is_not_lost(tmp_path):
    """A build takes hours."""
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(SynthkitError, match=r"holds thesis\.txt"):
        assemble(None, None, {}, tmp_path)


def test_hidden_folders_are_somebody_s_and_hidden_files_nobody_s(tmp_path):
    """A voice that is kept in git lost all its history to the next build."""
    (tmp_path / "manifest.json").write_text('{"files": {}, "plugins": {}}')
    (tmp_path / ".DS_Store").touch()
    refuse_to_replace(tmp_path)
    (tmp_path / ".git").mkdir()
    with pytest.raises(SynthkitError, match=r"\.git"):
        refuse_to_replace(tmp_path)


@pytest.mark.parametrize("manifest", ["{}", '{"name": "an extension"}', "[]", "{", "[" * 100_000, "\ud800"])
def test_a_manifest_that_is_no_voice_s_hides_nothing(manifest, tmp_path):
    """Extensions of browsers have a manifest.json, too."""
    (tmp_path / "manifest.json").write_bytes(manifest.encode("utf-8", "surrogatepass"))
    refuse_to_replace(tmp_path)
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(SynthkitError, match=r"holds thesis\.txt"):
        refuse_to_replace(tmp_path)
