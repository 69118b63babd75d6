# SPDX-License-Identifier: Apache-2.0
def resonances(length_cm, count):
    metres = length_cm / 100
    return [(2 * n - 1) * 350 / (4 * metres) for n in range(1, count + 1)]
