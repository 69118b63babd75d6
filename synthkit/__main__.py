"""``python -m synthkit``."""

from synthkit.cli import main

main()
