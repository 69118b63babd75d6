# SPDX-License-Identifier: Apache-2.0
"""What a request names, in the numbers of a trained voice: its phones and its speakers.

For acoustic models that were trained on some phones of some speakers. What they cannot do is refused here,
with what they can.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np

from synthkit.errors import ConfigError, TextError


def phone_ids(
    phones: Sequence[str], known: Sequence[str], *, languages: Sequence[str], phone_set: str
) -> np.ndarray:
    """The place of each of `phones` in `known`, int64 (P,).

    Parameters
    ----------
    phones : sequence of str, length P
    known : sequence of str
    languages : sequence of str
    phone_set : str

    Returns
    -------
    ndarray, shape (P,)

    Raises
    ------
    TextError
        Phones that are not among them; `languages` and `phone_set` are of the voice, for the message.
    """
    place = {symbol: k for k, symbol in enumerate(known)}
    unknown = sorted(set(phones) - place.keys())
    if unknown:
        raise TextError(
            f"the voice has never heard the phones {', '.join(map(repr, unknown))} "
            f"(it speaks {', '.join(languages)} in phone set {phone_set!r})",
            hint="say it in the voice's language, or build the voice from a corpus that has them",
        )
    return np.array([place[p] for p in phones], dtype=np.int64)


def speaker_shares(name: str | None, speakers: Sequence[str]) -> np.ndarray:
    """Shares (speakers,), float32, summing to 1: of one speaker, or of a mixture such as ``"0.6*a+0.4*b"``.

    Without a name it is the first.

    Parameters
    ----------
    name : str or None
    speakers : sequence of str
        Of the voice.

    Returns
    -------
    ndarray, shape (len(speakers),)

    Raises
    ------
    ConfigError
        A speaker that is not among them, or shares that sum to nothing.
    """
    out = np.zeros(len(speakers), np.float32)
    if name is None:
        out[0] = 1.0
        return out
    parts = [name] if name in speakers else name.split("+")
    for part in parts:
        share, _, who = part.rpartition("*") if part not in speakers else ("", "", part)
        try:
            out[list(speakers).index(who.strip())] += float(share) if share else 1.0
        except ValueError as error:
            close = difflib.get_close_matches(who.strip(), speakers, 1)
            meant = f"did you mean {close[0]!r}? " if close and who.strip() not in speakers else ""
            raise ConfigError(
                f"there is no speaker {name!r} in the voice",
                where="speaker",
                hint=f'{meant}it has {", ".join(speakers)}; mixtures are written "0.6*a+0.4*b"',
            ) from error
    if not np.isfinite(out).all() or out.sum() <= 0:
        raise ConfigError(
            f"the shares of speakers in {name!r} do not sum to more than zero",
            where="speaker", hint='mixtures are written "0.6*a+0.4*b"',
        )  # fmt: skip
    shares: np.ndarray = out / out.sum()
    return shares
