# SPDX-License-Identifier: Apache-2.0
def ways(letters, phones):
    before = [1] + [0] * phones  # by how many phones are used
    for _ in range(letters):
        before = [sum(before[max(j - 2, 0) : j + 1]) for j in range(phones + 1)]
    return before[phones]
