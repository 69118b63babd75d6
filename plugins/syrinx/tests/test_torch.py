# SPDX-License-Identifier: Apache-2.0
"""What has to be trained needs torch, and that is told before any work."""

import sys

import pytest

from synthkit.plugins import registry


@pytest.mark.parametrize(("stage", "name"), [("acoustic_model", "parametric"), ("vocoder", "syrinx")])
def test_without_torch_training_is_refused_and_pretrained_weights_are_not(stage, name, monkeypatch):
    kind = registry().load(stage, name)
    assert kind().check() == []
    monkeypatch.setitem(sys.modules, "torch", None)  # as where it is not installed
    (finding,) = kind().check()
    assert (finding.severity, finding.code, finding.mend) == ("error", "missing-package", "pip install torch")
    assert kind(kind.Config(pretrained="nsh")).check() == []
