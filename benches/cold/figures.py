"""Medians, intervals and ratios of what was measured."""

from math import comb
from statistics import median


def interval(values: list) -> tuple:
    """Where the median lies with 95 % confidence, by the ranks of the values; their range where there are too few."""
    ordered = sorted(values)
    count = len(ordered)
    outside, rank = 0.0, 0
    while rank < count // 2:
        outside += 2 * comb(count, rank) / 2**count
        if outside > 0.05:
            break
        rank += 1
    rank = max(rank, 1)
    return ordered[rank - 1], ordered[count - rank]


def ratio(above: list, below: list) -> tuple:
    """The median of the rounds' ratios, with its interval."""
    each = [a / b for a, b in zip(above, below)]
    return median(each), *interval(each)


def percentile(values: list, part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def milliseconds(seconds: float) -> str:
    """With three digits that mean something."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def megabytes(size: float) -> str:
    value = size / 1e6
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"
