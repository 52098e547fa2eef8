"""The reliability picture as numbers for an inline SVG: promised to the right, kept upwards."""

from collections.abc import Sequence

SIZE, LEFT, BELOW = 320, 44, 40
"""The square of the plot, and the room for the words at its left and below, in units of the picture."""


def reliability_picture(table: Sequence[dict]) -> dict:
    """Where each tenth of promised probability stands: its point, its interval, a size for how many it is about."""
    most = max((line["number"] for line in table), default=1)
    points = [
        {
            "x": _across(line["promised"]),
            "y": _up(line["kept"]),
            "low": _up(line["low"]),
            "high": _up(line["high"]),
            "radius": round(3 + 6 * (line["number"] / most) ** 0.5, 1),
        }
        for line in table
    ]
    ticks = [{"share": f"{share}%", "x": _across(share / 100), "y": _up(share / 100)} for share in range(0, 101, 20)]
    return {
        "width": SIZE + LEFT + 24,
        "height": SIZE + BELOW + 12,
        "left": LEFT,
        "right": LEFT + SIZE,
        "top": _up(1),
        "bottom": _up(0),
        "points": points,
        "path": " ".join(f"{point['x']},{point['y']}" for point in points),
        "ticks": ticks,
    }


def _across(share: float) -> float:
    return round(LEFT + SIZE * share, 1)


def _up(share: float) -> float:
    return round(10 + SIZE * (1 - share), 1)
