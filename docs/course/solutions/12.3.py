# SPDX-License-Identifier: Apache-2.0
from math import comb


def chance(right, trials):
    return sum(comb(trials, k) for k in range(right, trials + 1)) / 2**trials
