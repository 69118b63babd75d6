# SPDX-License-Identifier: Apache-2.0
"""The panel *Vocoder bench*: a recording through features and a vocoder, with something changed between them.

`sources` are recordings (uploaded, of a corpus, what a voice says), `trackers` find F0, `changes` change
frames, `copies` makes the copy, `routes` are the addresses.
"""
