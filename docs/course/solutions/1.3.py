# SPDX-License-Identifier: Apache-2.0
def heard(frequency, rate):
    folded = frequency % rate  # f and f + rate have the same samples
    return min(
        folded, rate - folded
    )  # and rate - f those of f, with the sign changed
