# SPDX-License-Identifier: Apache-2.0
"""Voices that somebody else has trained: named, sized, licensed, and fetched when a user asks, never before.

`voice` is what a plugin subclasses, `package` brings the files of one from an installed or a fetched package,
`folder` puts them together as a voice folder. Depends on the pipeline.
"""

from synthkit.pretrained.folder import Origin, compose
from synthkit.pretrained.package import Package
from synthkit.pretrained.voice import PretrainedVoice

__all__ = ["Origin", "Package", "PretrainedVoice", "compose"]
