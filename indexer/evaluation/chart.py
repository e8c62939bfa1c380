"""The risk-coverage curve as a small SVG that is readable in light and in dark.

Written by hand, without a drawing library: axes, one line for each curve, a dot where the
product decides, and a key. Title and description say in words what is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from indexer.evaluation.measures import RiskCoverage

_LEFT, _TOP, _WIDTH, _HEIGHT = 64, 40, 420, 260
_KEY_X, _KEY_STEP = _LEFT + _WIDTH + 24, 22
_TOTAL_HEIGHT = _TOP + _HEIGHT + 56
# Letters of the key are about this wide; a generous guess keeps them inside the picture.
_LETTER_WIDTH = 7.6
# Of the first few questions the risk is mostly chance; it does not set the scale.
_STEADY_FROM = 0.05
_MOST_POINTS = 150
# Told apart by hue, by lightness and by dashes; each is readable on both backgrounds.
_COLOURS = (
    "#0b8f84",
    "#c2570c",
    "#5b6ee1",
    "#b8327c",
    "#6f8f0b",
    "#8a6d3b",
    "#2a8fd0",
    "#8d52c7",
    "#c93c3c",
)
_DASHES = ("", "7 4", "2 4", "10 3 2 3")
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2933}"
    ".paper{fill:#fff}.frame{stroke:#52606d;fill:none}.grid{stroke:#d9dee3}"
    "@media(prefers-color-scheme:dark){text{fill:#e4e7eb}"
    ".paper{fill:#1a1d23}.frame{stroke:#9aa5b1}.grid{stroke:#3a4048}}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of the chart.

    Attributes:
        name: as the key shows it.
        curve: what is drawn.
        decision: coverage and risk at the product's own decision; NaN risk for no dot.
    """

    name: str
    curve: RiskCoverage
    decision: tuple[float, float]


def risk_coverage_svg(title: str, lines: Sequence[Line]) -> str:
    """Return an SVG with one curve for each line, at least one.

    Coverage is on the horizontal axis: the share of questions that get a suggestion, from
    the most confident one on. Risk is on the vertical: the share of these whose first
    suggestion is wrong.
    """
    top = _scale_end(lines)
    width = round(_KEY_X + 50 + _LETTER_WIDTH * max(len(_label(line)) for line in lines))
    size = f'viewBox="0 0 {width} {_TOTAL_HEIGHT}" width="{width}"'
    plot = f'x="{_LEFT}" y="{_TOP}" width="{_WIDTH}" height="{_HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(_description(lines))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{_TOTAL_HEIGHT}"/>',
        f'<text x="{_LEFT}" y="24" font-weight="600">{escape(title)}</text>',
        *_axes(top),
        f'<rect class="frame" {plot}/>',
        f'<clipPath id="c"><rect {plot}/></clipPath>',
    ]
    for place, line in enumerate(lines):
        parts += _drawn(line, place, top)
    return "\n".join([*parts, "</svg>", ""])


def _axes(top: float) -> Iterator[str]:
    """Yield grid, numbers and names of both axes."""
    for step in range(6):
        x, y = _x(step / 5), _y(top * step / 5, top)
        yield f'<path class="grid" d="M{x} {_TOP}V{_TOP + _HEIGHT}M{_LEFT} {y}H{_LEFT + _WIDTH}"/>'
        yield f'<text x="{x}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">{step * 20} %</text>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{top * step * 20:.0f} %</text>'
    middle = _TOP + _HEIGHT / 2
    yield (
        f'<text x="{_LEFT + _WIDTH / 2}" y="{_TOP + _HEIGHT + 40}" text-anchor="middle">'
        "coverage: questions answered</text>"
    )
    yield (
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">'
        "risk: first suggestion wrong</text>"
    )


def _drawn(line: Line, place: int, top: float) -> Iterator[str]:
    """Yield one curve, its dot and its entry in the key."""
    colour = _COLOURS[place % len(_COLOURS)]
    dash = _DASHES[place % len(_DASHES)]
    stroke = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash or "none"}"'
    points = "L".join(f"{_x(x)} {_y(y, top)}" for x, y in _thinned(line.curve))
    yield f'<path {stroke} clip-path="url(#c)" d="M{points}"/>'
    coverage, risk = line.decision
    if not math.isnan(risk) and risk <= top:
        yield f'<circle cx="{_x(coverage)}" cy="{_y(risk, top)}" r="4.5" fill="{colour}"/>'
    y = _TOP + 10 + place * _KEY_STEP
    yield f'<path {stroke} d="M{_KEY_X} {y}h26"/>'
    yield f'<text x="{_KEY_X + 34}" y="{y + 4}">{escape(_label(line))}</text>'


def _thinned(curve: RiskCoverage) -> Iterator[tuple[float, float]]:
    """Yield points of a curve, few enough for a small file; the last is always there."""
    step = max(1, len(curve.coverage) // _MOST_POINTS)
    rows = [*range(0, len(curve.coverage) - 1, step), len(curve.coverage) - 1]
    for row in rows:
        yield float(curve.coverage[row]), float(curve.risk[row])


def _scale_end(lines: Sequence[Line]) -> float:
    """Return where the risk axis ends: a tenth above 0, at most 1."""
    highest = max(
        float(line.curve.risk[line.curve.coverage >= _STEADY_FROM].max()) for line in lines
    )
    return max(0.1, math.ceil(highest * 10 - 1e-9) / 10)


def _description(lines: Sequence[Line]) -> str:
    """Say in words what the chart shows."""
    told = [
        f"{line.name}: with every question answered {line.curve.risk[-1]:.0%} of the first "
        f"suggestions are wrong"
        + (
            ""
            if math.isnan(line.decision[1])
            else f"; at the product's decision {line.decision[0]:.0%} are answered "
            f"and {line.decision[1]:.0%} of these wrongly"
        )
        for line in lines
    ]
    return ". ".join(told) + ". A dot marks the product's decision."


def _label(line: Line) -> str:
    return f"{line.name}, area {line.curve.area:.2f}"


def _x(coverage: float) -> float:
    return round(_LEFT + coverage * _WIDTH, 1)


def _y(risk: float, top: float) -> float:
    return round(_TOP + (1 - risk / top) * _HEIGHT, 1)
