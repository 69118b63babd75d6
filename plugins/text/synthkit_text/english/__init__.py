"""English: normalisation, lexicon, letters to sounds. Depends on nothing outside it but `blob`."""
