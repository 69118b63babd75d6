# SPDX-License-Identifier: Apache-2.0
"""Hooks of MkDocs: the chapters of the course, run as the site is built."""

from __future__ import annotations

from synthkit_course.site import on_config, on_files, on_page_content

__all__ = ["on_config", "on_files", "on_page_content"]
