# SPDX-License-Identifier: Apache-2.0
def error_rate(pairs, distance):
    mistakes = sum(distance(true, guess) for true, guess in pairs)
    return 100 * mistakes / sum(len(true) for true, _ in pairs)
