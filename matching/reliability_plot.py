"""Coordinates of the reliability plot for an inline SVG: x is the predicted, y the actual share of acceptance."""

from collections.abc import Sequence

SIZE, LEFT, BELOW = 320, 44, 40
"""Side of the plot area, and the space for labels at its left and below it, in SVG units."""


def reliability_plot(table: Sequence[dict]) -> dict:
    """Point, interval and radius (by the number of matches) of each bin of predicted probability."""
    most = max((row["number"] for row in table), default=1)
    points = [
        {
            "x": _x(row["promised"]),
            "y": _y(row["kept"]),
            "low": _y(row["low"]),
            "high": _y(row["high"]),
            "radius": round(3 + 6 * (row["number"] / most) ** 0.5, 1),
        }
        for row in table
    ]
    ticks = [{"share": f"{share}%", "x": _x(share / 100), "y": _y(share / 100)} for share in range(0, 101, 20)]
    return {
        "width": SIZE + LEFT + 24,
        "height": SIZE + BELOW + 12,
        "left": LEFT,
        "right": LEFT + SIZE,
        "top": _y(1),
        "bottom": _y(0),
        "points": points,
        "path": " ".join(f"{point['x']},{point['y']}" for point in points),
        "ticks": ticks,
    }


def _x(share: float) -> float:
    return round(LEFT + SIZE * share, 1)


def _y(share: float) -> float:
    return round(10 + SIZE * (1 - share), 1)
