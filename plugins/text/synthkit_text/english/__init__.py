# SPDX-License-Identifier: Apache-2.0
"""English: normalisation, lexicon, letters to sounds. Depends on nothing outside it but `blob`."""
