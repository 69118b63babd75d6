# SPDX-License-Identifier: Apache-2.0
"""The Montreal Forced Aligner by its command, `mfa`: what it is given, what it gives, what it leaves out.

`command` finds, runs and understands the program, `keeper` ends it when we end, `workplace` holds the folder
it works in, `lexicon` spells words and phones for it, `grids` reads what it wrote, `aligner` is the
component. Nothing here is imported before somebody aligns by it.

Its behaviour, seen in 3.4.3: one unreadable recording aborts the whole run; an utterance that cannot be
aligned is left out and the exit status is 0; where none can be aligned it is 1; names of models are looked up
under ``MFA_ROOT_DIR``, where its state is kept too, and two runs with one state spoil each other. So
recordings are read and written anew beforehand, names are resolved before it is started, what came is
compared with what was asked, and every run has a root of its own.
"""

from synthkit_align.mfa.aligner import MfaAligner, MfaSettings
from synthkit_align.mfa.command import last_words

__all__ = ["MfaAligner", "MfaSettings", "last_words"]
