# SPDX-License-Identifier: Apache-2.0
"""A regression by a mixture of Gaussians over input and output together.

Y. Stylianou, O. Cappé, E. Moulines, "Continuous probabilistic transform for voice conversion", IEEE Trans.
Speech Audio Process. 6(2), 1998; of the joint density as in A. Kain, M. Macon, "Spectral voice conversion for
text-to-speech synthesis", ICASSP 1998.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

SHRUNK = 200.0
"""Frames' worth of the covariance of all that each component's is mixed with: few frames know little."""
FLOOR = 1e-4
"""Of the mean variance; what a component's covariance has at least, for it to be inverted."""


@dataclass(frozen=True)
class Mixture:
    """What is expected of an output, given an input.

    Attributes
    ----------
    weights : ndarray, shape (M,)
    inputs, outputs : ndarray, shape (M, D)
        Means of both.
    whitening : ndarray, shape (M, D, D)
        Of each component's inputs: ``x @ W`` has covariance 1.
    slopes : ndarray, shape (M, D, D)
        What a step of the input, times it, moves the output by.
    """

    weights: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    whitening: np.ndarray
    slopes: np.ndarray

    def expected(self, x: np.ndarray) -> np.ndarray:
        """The mean of the output at each of `x` ``(T, D)``; float64 ``(T, D)``."""
        shares = np.exp(_normalised(np.log(self.weights) + _densities(x, self.inputs, self.whitening)))
        out = np.zeros((len(x), self.outputs.shape[1]))
        for k in range(len(self.weights)):
            out += shares[:, k, None] * (self.outputs[k] + (x - self.inputs[k]) @ self.slopes[k])
        return out

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it by name, as it is kept."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


def fit(x: np.ndarray, y: np.ndarray, components: int, *, rounds: int = 15, seed: int = 0) -> Mixture:
    """The mixture of so many components that makes pairs likely, by expectation and maximisation.

    Parameters
    ----------
    x, y : ndarray, shape (N, D)
        Inputs and outputs.
    components : int
    rounds : int
    seed : int
        Of the places where the components begin.

    Returns
    -------
    Mixture
    """
    both = np.concatenate([x, y], axis=1)
    count, size = both.shape
    spread = np.cov(both.T) + FLOOR * both.var() * np.eye(size)
    centres = _scattered(both / both.std(0), components, np.random.default_rng(seed))
    shares = np.zeros((count, components))
    shares[np.arange(count), centres] = 1.0
    for last in range(rounds - 1, -1, -1):
        mass = shares.sum(0) + 1e-9
        weights, means = mass / mass.sum(), (shares.T @ both) / mass[:, None]
        covariances = np.empty((components, size, size))
        for k in range(components):
            off = both - means[k]
            covariances[k] = ((shares[:, k, None] * off).T @ off + SHRUNK * spread) / (mass[k] + SHRUNK)
        if last:
            shares = np.exp(_normalised(np.log(weights) + _densities(both, means, _whitening(covariances))))
    width = x.shape[1]
    own, cross = covariances[:, :width, :width], covariances[:, :width, width:]
    slopes = np.linalg.solve(own, cross)
    return Mixture(weights, means[:, :width], means[:, width:], _whitening(own), slopes)


def _whitening(covariances: np.ndarray) -> np.ndarray:
    return np.linalg.inv(np.linalg.cholesky(covariances)).transpose(0, 2, 1)


def _densities(x: np.ndarray, means: np.ndarray, whitening: np.ndarray) -> np.ndarray:
    """Log density of each of `x` under each component, but for a constant; ``(T, M)``."""
    out = np.empty((len(x), len(means)))
    for k, (mean, whiten) in enumerate(zip(means, whitening, strict=True)):
        white = (x - mean) @ whiten
        out[:, k] = np.log(np.diagonal(whiten)).sum() - 0.5 * np.einsum("td,td->t", white, white)
    return out


def _normalised(logs: np.ndarray) -> np.ndarray:
    """Log shares of the components, which sum up to one in each row."""
    top = logs.max(1, keepdims=True)
    shifted: np.ndarray = logs - top - np.log(np.exp(logs - top).sum(1, keepdims=True))
    return shifted


def _scattered(points: np.ndarray, count: int, chance: np.random.Generator) -> np.ndarray:
    """Which of `count` centres each point is nearest to, after a few rounds of k-means; ``(N,)``."""
    centres = points[chance.choice(len(points), count, replace=False)]
    for _ in range(8):
        apart = (points**2).sum(1)[:, None] - 2 * points @ centres.T + (centres**2).sum(1)
        nearest = apart.argmin(1)
        for k in range(count):
            if (nearest == k).any():
                centres[k] = points[nearest == k].mean(0)
    return nearest
