# SPDX-License-Identifier: Apache-2.0
"""Licence and attribution of recordings that more than one recipe gives."""

MSU_RU_NSH = (
    "BSD-like (festvox-ru)",
    "Nickolay V. Shmyrev, copyright 2005 (Debian package festvox-ru)",
)
ALLISON_SMITH = (
    "CC-BY-SA-3.0",
    "Allison Smith (http://www.theivrvoice.com), 2003-2010; financial contributions by Digium, Inc.",
)
"""The prompts ``asterisk-en`` and ``asterisk-es``."""
