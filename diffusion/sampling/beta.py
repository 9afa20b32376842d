"""The beta distribution, as far as schedules need it: where it has how much of its mass to its left."""

import math

import numpy as np

HALVINGS = 52
TERMS = 120


def beta_quantiles(probabilities: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    """Where Beta(alpha, beta) has each probability to its left, by bisection."""
    low, high = np.zeros_like(probabilities), np.ones_like(probabilities)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = beta_distribution(middle, alpha, beta) < probabilities
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(probabilities >= 1, 1.0, (low + high) / 2)


def beta_distribution(x: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    """The regularised incomplete beta function I_x(alpha, beta), x inside 0..1.

    The continued fraction converges fast to the left of the mean; the other side is its mirror image.
    """
    left = x < (alpha + 1) / (alpha + beta + 2)
    inside = np.clip(x, 2.0**-52, 1 - 2.0**-52)
    return np.where(left, tail(inside, alpha, beta), 1 - tail(1 - inside, beta, alpha))


def tail(x: np.ndarray, a: float, b: float) -> np.ndarray:
    """I_x(a, b) by its continued fraction (DLMF 8.17.22), from the innermost term outwards."""
    fraction = np.ones_like(x)
    for m in range(TERMS, 0, -1):
        k, odd = divmod(m, 2)
        if odd:
            d = -(a + k) * (a + b + k) / ((a + m - 1) * (a + m)) * x
        else:
            d = k * (b - k) / ((a + m - 1) * (a + m)) * x
        denominator = np.where(fraction == 0, 1e-30, fraction)
        fraction = 1 + d / denominator
    logarithm = a * np.log(x) + b * np.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return np.exp(logarithm) / (a * np.where(fraction == 0, 1e-30, fraction))
