# SPDX-License-Identifier: Apache-2.0
"""What the core itself registers, through the same hooks as any plugin.

Here and not beside the code, so that listing what there is imports none of it.
"""
