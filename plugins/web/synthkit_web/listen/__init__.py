# SPDX-License-Identifier: Apache-2.0
"""Listening tests in a browser.

`sources` finds what is to be heard, `sounds` makes it equally loud and its anchors, `planning` writes a
test's folder (`folder`), `journal` keeps answers, `routes` is the door to it, `export` writes it for another
place, `results` reads the answers back; `cli` is the command. What the answers say is
`synthkit.eval.listening`.
"""
