# SPDX-License-Identifier: Apache-2.0
"""Small text for pictures, by the font that comes with Pillow."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np


@cache
def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(10)


@cache
def text_mask(text: str) -> np.ndarray:
    """Where `text` has ink: bool ``(height, width)``; the first row is the ascender's."""
    from PIL import Image, ImageDraw

    if not text.strip():
        return np.zeros((1, 1), bool)
    right, bottom = _font().getbbox(text)[2:]
    image = Image.new("L", (int(right) + 1, int(bottom) + 1))
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=_font())
    return np.array(image) > 110
