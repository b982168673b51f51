"""Numbers as tools return them."""

from __future__ import annotations


def tidy(value: float, digits: int = 2) -> float:
    """Rounded; a whole number without decimals."""
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded
