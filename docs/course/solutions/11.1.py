# SPDX-License-Identifier: Apache-2.0


def field(dilations, width):
    return 1 + sum((width - 1) * d for d in dilations)
