# SPDX-License-Identifier: Apache-2.0
"""Build and speak over the same stages: contract checks, cache, executors, voice folders.

    config.py  a voice's TOML file           parts.py  tables → settings → class → instance → contract plan.py
    what is settled first         part.py   one stage of them build.py   every stage in turn
    state.py  what they hand to each other voice.py   a built voice speaks          assembling.py,
    voice_folder.py  its folder made, read and verified cache.py   results by content            doctor.py
    what will fail, before it costs hours

May use `synthkit.types`, `.stages`, `.tables`, `.plugins`; never a plugin by name.
"""
