# SPDX-License-Identifier: Apache-2.0
def first_dip(d, shortest, threshold):
    for k in range(max(shortest, 1), len(d) - 1):
        if d[k] < threshold and d[k] < d[k - 1] and d[k] <= d[k + 1]:
            return k
    return 0
