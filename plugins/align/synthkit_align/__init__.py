# SPDX-License-Identifier: Apache-2.0
"""Aligners: recordings and their segmentation to time-aligned words and phones.

`labels` reads what came with the corpus, `hmm` trains a model of the corpus itself and needs nothing
else, `mfa` runs the Montreal Forced Aligner where it is installed. Depends on `synthkit` and numpy;
`hmm` on numba too, imported when it works.
"""

from synthkit import hookimpl


@hookimpl
def register_aligners(register):  # type: ignore[no-untyped-def]
    """The three aligners."""
    register("labels", "synthkit_align.labels:LabelAligner", summary="labels that came with the corpus")
    register("hmm", "synthkit_align.hmm:HmmAligner", summary="GMM-HMM trained on the corpus itself")
    register("mfa", "synthkit_align.mfa:MfaAligner", summary="the Montreal Forced Aligner's command")
