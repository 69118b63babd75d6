# SPDX-License-Identifier: Apache-2.0
"""Folders of recordings and transcripts, a module per layout found in the field.

    base.py    `Layout`, and `Collector`, which makes a `Corpus` of what a layout's reader finds
    files.py   reading tables, finding recordings
    stored.py  what synthkit itself writes       kaldi.py, festvox.py, ljspeech.py, ruslan.py, m_ailabs.py,
               vctk.py, pairs.py                 one layout each

Which of the registered layouts a folder has is decided by `synthkit.recognise`. A layout may use
`synthkit.labels`, `synthkit.types` and these tools; `synthkit.corpora` gives them to plugins.
"""
