# SPDX-License-Identifier: Apache-2.0
"""Build and speak over the same stages: contract checks, cache, executors, voice folders.

    config.py    a voice's TOML file         parts.py   tables → settings → class → instance → contract
    plan.py      what is settled first       build.py   every stage in turn;  state.py  what they hand on
    voice.py     a built voice speaks        voice_folder.py   the voice's folder;   doctor.py what will fail

May use `synthkit.types`, `.stages`, `.tables`, `.plugins`; never a plugin by name.
"""
