# SPDX-License-Identifier: Apache-2.0


def price(path, target, join):
    units = sum(target[t, k] for t, k in enumerate(path))
    steps = sum(join[t, path[t], path[t + 1]] for t in range(len(path) - 1))
    return units + steps
