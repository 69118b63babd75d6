# SPDX-License-Identifier: Apache-2.0
"""The panel Labels: alignments of corpora and voices, seen, heard and corrected.

`sources` are what can be opened, `corrections` the folder that alone is written to, `routes` the addresses.
"""
