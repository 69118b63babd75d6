# SPDX-License-Identifier: Apache-2.0


def cheapest(target, join):
    best, arrows = target[0], []
    for t in range(1, len(target)):
        ways = best[:, None] + join[t - 1]
        arrows.append(ways.argmin(0))
        best = ways.min(0) + target[t]
    path = [int(best.argmin())]
    for arrow in reversed(arrows):
        path.append(int(arrow[path[-1]]))
    return path[::-1]
