"""Coordinates of the reliability diagram for an inline SVG: predicted probability on x, observed rate on y."""

from collections.abc import Sequence

SIZE, LEFT_MARGIN, TOP_MARGIN, RIGHT_MARGIN, BOTTOM_MARGIN = 320, 44, 10, 24, 40
"""Side of the square plot and margins for the labels, in SVG units."""


def reliability_plot(table: Sequence[dict]) -> dict:
    """Return the plot of a reliability table (`evaluation_report.reliability_table`).

    Each row becomes a point with its interval and a radius that grows with the number of pairs.
    """
    largest = max((row["number"] for row in table), default=1)
    points = [
        {
            "x": _x(row["promised"]),
            "y": _y(row["kept"]),
            "low": _y(row["low"]),
            "high": _y(row["high"]),
            "radius": round(3 + 6 * (row["number"] / largest) ** 0.5, 1),
        }
        for row in table
    ]
    ticks = [{"share": f"{percent}%", "x": _x(percent / 100), "y": _y(percent / 100)} for percent in range(0, 101, 20)]
    return {
        "width": SIZE + LEFT_MARGIN + RIGHT_MARGIN,
        "height": SIZE + BOTTOM_MARGIN + 12,
        "left": LEFT_MARGIN,
        "right": LEFT_MARGIN + SIZE,
        "top": _y(1),
        "bottom": _y(0),
        "points": points,
        "path": " ".join(f"{point['x']},{point['y']}" for point in points),
        "ticks": ticks,
    }


def _x(share: float) -> float:
    return round(LEFT_MARGIN + SIZE * share, 1)


def _y(share: float) -> float:
    return round(TOP_MARGIN + SIZE * (1 - share), 1)
