# SPDX-License-Identifier: Apache-2.0
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
ONES += "sixteen seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def small(number):
    if number < 20:
        return ONES[number]
    tens, ones = divmod(number, 10)
    return TENS[tens] + (" " + ONES[ones] if ones else "")


def year(number):
    first, second = divmod(number, 100)
    if second == 0:
        return small(first) + " hundred"
    if second < 10:
        return small(first) + " oh " + small(second)
    return small(first) + " " + small(second)
