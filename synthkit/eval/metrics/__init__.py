# SPDX-License-Identifier: Apache-2.0
"""The built-in metrics, on numpy and scipy alone; one file per kind, each a thin layer over the pure
functions."""
