"""Small text for pictures, every IPA letter included: glyphs of the DejaVu Sans that comes with matplotlib."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from synthkit.errors import MissingDependency


@cache
def _font() -> Any:
    try:
        import matplotlib
        from matplotlib.ft2font import FT2Font
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "the picture's letters come from the package 'matplotlib'", hint="pip install matplotlib"
        ) from error
    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))
    font.set_size(8.0, 80)
    return font


@cache
def text_mask(text: str) -> np.ndarray:
    """Where `text` has ink: bool ``(height, width)``."""
    if not text.strip():
        return np.zeros((1, 1), bool)
    font = _font()
    font.set_text(text, 0.0)
    font.draw_glyphs_to_bitmap(antialiased=True)
    return np.array(font.get_image()) > 110
