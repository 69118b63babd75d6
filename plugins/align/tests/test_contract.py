# SPDX-License-Identifier: Apache-2.0
"""The conformance kit on the aligners that run anywhere."""

import pytest


@pytest.mark.parametrize("name", ["labels", "hmm"])
def test_contract(conformance, name):
    conformance("alignment", name)
