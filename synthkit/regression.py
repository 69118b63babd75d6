# SPDX-License-Identifier: Apache-2.0
"""Two hidden layers of rectified units in plain numpy: forwards, gradients, and the steps of Adam."""

from __future__ import annotations

import numpy as np

Layers = list[tuple[np.ndarray, np.ndarray]]
"""Weight ``(in, out)`` and bias of each of three."""


def through(layers: Layers, hidden: np.ndarray) -> np.ndarray:
    """The last two layers over what the first gives.

    Parameters
    ----------
    layers : Layers
    hidden : ndarray, shape (N, H)
        What the first gives; it is overwritten.

    Returns
    -------
    ndarray, shape (N, O)
    """
    _, (w2, b2), (w3, b3) = layers
    np.maximum(hidden, 0, out=hidden)
    hidden = hidden @ w2 + b2
    np.maximum(hidden, 0, out=hidden)
    return np.asarray(hidden @ w3 + b3)


def gradients(
    params: list[np.ndarray], x: np.ndarray, target: np.ndarray, loss_weight: np.ndarray
) -> list[np.ndarray]:
    """Of the weighted squared error of three layers, flat as weight, bias, weight …, over a batch.

    Parameters
    ----------
    params : list of ndarray
    x : ndarray, shape (B, I)
    target, loss_weight : ndarray, shape (B, O)

    Returns
    -------
    list of ndarray
        As `params`.
    """
    w1, b1, w2, b2, w3, b3 = params
    h1 = np.maximum(x @ w1 + b1, 0)
    h2 = np.maximum(h1 @ w2 + b2, 0)
    d3 = (h2 @ w3 + b3 - target) * loss_weight * np.float32(2 / len(x))
    d2 = (d3 @ w3.T) * (h2 > 0)
    d1 = (d2 @ w2.T) * (h1 > 0)
    return [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3, d3.sum(0)]


class Adam:
    """Adam with decoupled weight decay, a short warm-up and a cosine to zero."""

    def __init__(self, params: list[np.ndarray], rate: float, steps: int, decay: float = 3e-4) -> None:
        self.params, self.rate, self.steps, self.decay = params, rate, max(steps, 1), decay
        self.first = [np.zeros_like(p) for p in params]
        self.second = [np.zeros_like(p) for p in params]
        self.done = 0

    def step(self, gradients: list[np.ndarray]) -> None:
        """Move the parameters, in place.

        Parameters
        ----------
        gradients : list of ndarray
            One for each parameter.
        """
        self.done += 1
        n = self.done
        rate = self.rate * min(1, n / 100) * 0.5 * (1 + np.cos(np.pi * n / self.steps))
        c1, c2 = 1 - 0.9**n, 1 - 0.999**n
        for p, g, m, v in zip(self.params, gradients, self.first, self.second, strict=True):
            m *= 0.9
            m += 0.1 * g
            v *= 0.999
            v += 0.001 * g * g
            p -= (rate * (m / c1 / (np.sqrt(v / c2) + 1e-8) + self.decay * p)).astype(np.float32)
