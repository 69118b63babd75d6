# SPDX-License-Identifier: Apache-2.0
"""Russian and English text to words, phones, stress and breaks; other languages go to another plugin.

Depends on `synthkit`'s public names. ``num2words`` and ``pymorphy3`` are imported only when a text has
digits in it; nothing else is needed to speak.
"""

from synthkit import hookimpl


@hookimpl
def register_segmenters(register):
    register(
        "text",
        "synthkit_text.segmenter:TextSegmenter",
        summary="Russian and English by own rules; other languages through gruut or espeak when installed",
    )
