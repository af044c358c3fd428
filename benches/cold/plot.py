"""The plot of first answers: a group of bars for each model, in milliseconds, on a scale of powers of ten."""

from html import escape
from math import ceil, floor, log10
from statistics import median

from figures import interval, milliseconds
from peers import BUNDLE, FLOOR, ORT, PLAIN, PYTHON, TRACT
from report import Row

COLOURS = {
    FLOOR: "#9aa0a6",
    BUNDLE: "#0b7285",
    PLAIN: "#74c0fc",
    TRACT: "#5c7cfa",
    ORT: "#f08c00",
    PYTHON: "#c92a2a",
}
BAR, GAP, LEFT, WIDTH, TOP = 9, 14, 170, 640, 58


def svg(results: dict) -> str:
    rows = [Row(name, row) for name, row in results["rows"].items()]
    bars = {row.name: {peer: row.cold(peer) for peer in COLOURS} for row in rows}
    every = [median(times) * 1e3 for group in bars.values() for times in group.values()]
    low, high = floor(log10(min(every))), ceil(log10(max(every)))
    group = BAR * len(COLOURS) + GAP
    height = TOP + group * len(rows) + 34

    def x(value: float) -> float:
        return LEFT + (log10(value) - low) / (high - low) * WIDTH

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 70} {height}" font-family="sans-serif" font-size="11">',
        "<title>First answers: milliseconds from the start of the process</title>",
        f'<rect width="100%" height="100%" fill="white"/><text x="12" y="20" font-size="14">'
        "First answer, milliseconds from the start of the process (median; the line is its 95 % interval)</text>",
    ]
    for i, (peer, colour) in enumerate(COLOURS.items()):
        parts.append(f'<rect x="{12 + 135 * i}" y="32" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{26 + 135 * i}" y="41">{escape(peer)}</text>')
    for power in range(low, high + 1):
        for step in (1, 2, 5) if power < high else (1,):
            value = step * 10.0**power
            parts.append(f'<line x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{TOP - 6}" y2="{height - 28}" stroke="#e4e6e9"/>')
            parts.append(f'<text x="{x(value):.1f}" y="{height - 14}" text-anchor="middle">{value:g}</text>')
    for i, (name, group_bars) in enumerate(bars.items()):
        top = TOP + i * group
        parts.append(f'<text x="{LEFT - 8}" y="{top + group / 2 - GAP / 2 + 4}" text-anchor="end">{escape(name)}</text>')
        for j, (peer, times) in enumerate(group_bars.items()):
            middle, y = median(times) * 1e3, top + j * BAR
            ends = [x(end * 1e3) for end in interval(times)]
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{x(middle) - LEFT:.1f}" height="{BAR - 1}" fill="{COLOURS[peer]}">'
                f"<title>{escape(name)}, {escape(peer)}: {milliseconds(middle / 1e3)} ms</title></rect>"
            )
            line = y + (BAR - 1) / 2
            parts.append(f'<line x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{line}" y2="{line}" stroke="#212529"/>')
            parts.append(f'<text x="{max(x(middle), ends[1]) + 3:.1f}" y="{y + BAR - 1.5}" font-size="8">{milliseconds(middle / 1e3)}</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
