"""Build and speak over the same stages: contract checks, cache, executors, voice folders.

May use `synthkit.types`, `.stages`, `.config`, `.plugins`; never a plugin by name.
"""
