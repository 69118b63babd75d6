# SPDX-License-Identifier: Apache-2.0
"""The door ``lab``: see, hear and change every stage of a voice in a browser.

`told` says what speaking gave as plain lists, `menus` which vocoders fit and which options there are,
`routes` are the addresses, `cli` the command. The page is plain ES modules under ``static/lab``.
"""
