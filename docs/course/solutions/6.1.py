# SPDX-License-Identifier: Apache-2.0
def choose(sentences, weight):
    def gain(phones):
        diphones = set(zip(phones[:-1], phones[1:], strict=True))
        return sum(weight.get(d, 0) for d in diphones) / len(phones)

    return max(range(len(sentences)), key=lambda k: gain(sentences[k]))
