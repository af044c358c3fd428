"""The tables, as Markdown, from what was measured."""

from statistics import median

from figures import interval, megabytes, milliseconds, percentile, ratio
from peers import BUNDLE, COPY, FLOOR, ORT, PLAIN, PYTHON, READ, TRACT

FLOORS = [FLOOR, READ, COPY]
PROCESSES = [BUNDLE, PLAIN, TRACT, ORT, PYTHON]


class Row:
    """What was measured of a model, ready for comparisons. Times in seconds."""

    def __init__(self, name: str, row: dict):
        self.name, self.row = name, row

    def cold(self, peer: str, pages: str = "cold") -> list:
        """A first answer in each round. The floor is reading the weights in an empty process, and one warm inference."""
        runs = [run["wall"] for run in self.row[pages][peer]]
        inference = self.warm(TRACT) if peer in FLOORS else 0.0
        return [run + inference for run in runs]

    def warm(self, peer: str) -> float:
        return median(self.calls(peer))

    def calls(self, peer: str) -> list:
        return [call for calls in self.row["warm"][peer] for call in calls]

    def start(self, peer: str) -> list:
        """What a first answer takes more than a warm one."""
        warm = self.warm(peer)
        return [run - warm for run in self.cold(peer)]

    def loading_dominates(self) -> bool:
        """Whether tract takes at least twice as long to load the file as to answer."""
        return median(self.start(TRACT)) >= 2 * self.warm(TRACT)


def table(head: list, rows: list) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def spread(values: list) -> str:
    low, high = interval(values)
    return f"**{milliseconds(median(values))}** ({milliseconds(low)} to {milliseconds(high)}; {milliseconds(min(values))})"


def first_answers(rows: list, pages: str = "cold") -> str:
    peers = [*FLOORS, *PROCESSES]
    return table(["model", *peers], [[row.name, *(spread(row.cold(peer, pages=pages)) for peer in peers)] for row in rows])


def verdict(found: tuple, met: bool, digits: int = 2) -> str:
    middle, low, high = found
    return f"{'met' if met else '**missed**'}: {middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def aims(rows: list) -> str:
    head = [
        "model",
        "first answer / floor, at most 1.5",
        "first answer / floor with all read",
        "start: Python / ours, at least 15",
        "first answer: Rust + onnxruntime / ours, over 1",
        "first answer: tract / ours, at least 3 where loading dominates",
        "instructions of a warm call / tract's, at most 1.03",
        "time of a warm call / tract's",
    ]
    lines = []
    for row in rows:
        ours = row.cold(BUNDLE)
        floor = ratio(ours, row.cold(FLOOR))
        read = ratio(ours, row.cold(READ))
        start = ratio(row.start(PYTHON), row.start(BUNDLE))
        ort = ratio(row.cold(ORT), ours)
        tract = ratio(row.cold(TRACT), ours)
        loads = verdict(tract, tract[0] >= 3) if row.loading_dominates() else f"{tract[0]:.1f} (inference dominates)"
        warm = ratio([median(calls) for calls in row.row["warm"][BUNDLE]], [median(calls) for calls in row.row["warm"][TRACT]])
        counted = row.row.get("instructions")
        more = counted[BUNDLE] / counted[TRACT] if counted else None
        count = "not counted" if more is None else f"{'met' if more <= 1.03 else '**missed**'}: {more:.3f}"
        lines.append([
            row.name,
            verdict(floor, floor[0] <= 1.5),
            f"{read[0]:.2f}",
            verdict(start, start[0] >= 15, 0),
            verdict(ort, ort[0] > 1, 1),
            loads,
            count,
            f"{warm[0]:.2f} ({warm[1]:.2f} to {warm[2]:.2f})",
        ])
    return table(head, lines)


def warm_calls(rows: list) -> str:
    counted = [BUNDLE, TRACT]
    head = ["model", *(f"{peer}, p50 / p95" for peer in PROCESSES), *(f"{peer}, million instructions" for peer in counted)]
    lines = []
    for row in rows:
        times = [f"{milliseconds(row.warm(peer))} / {milliseconds(percentile(row.calls(peer), 0.95))}" for peer in PROCESSES]
        found = row.row.get("instructions", {})
        lines.append([row.name, *times, *(f"{found[peer] / 1e6:.3f}" if peer in found else "not counted" for peer in counted)])
    return table(head, lines)


def memory(rows: list) -> str:
    def peak(row: Row, peer: str) -> str:
        return megabytes(median(row.row["peaks"][peer]))

    return table(["model", *PROCESSES], [[row.name, *(peak(row, peer) for peer in PROCESSES)] for row in rows])


def sizes(rows: list) -> str:
    def both(row: Row, peer: str) -> str:
        plain, zipped = row.row["sizes"][peer]
        return f"{megabytes(plain)} / {megabytes(zipped)}"

    return table(["model", *PROCESSES], [[row.name, *(both(row, peer) for peer in PROCESSES)] for row in rows])


def notes(results: dict) -> str:
    said = [f"* {name}: {row['note'].strip()}" for name, row in results["rows"].items() if row["note"].strip()]
    return "\n".join(said) + "\n\n" if said else ""


PARTS = [
    ("cold", "First answers", "Milliseconds from the start of the process to its answer: **median** (95 % interval; least).", first_answers),
    ("cold", "What was aimed at", "Ratios by round: median (95 % interval).", aims),
    (
        "dropped",
        "First answers with nothing in the page cache",
        "As above.",
        lambda rows: first_answers(rows, "dropped"),
    ),
    ("warm", "Warm calls", "Milliseconds.", warm_calls),
    ("peaks", "Peak memory of a first answer", "MB that were resident, pages of mapped files among them.", memory),
    ("sizes", "On the disk", "MB plain / zipped.", sizes),
]


def markdown(results: dict) -> str:
    """A table for each part that was measured, with the rows that it was measured for."""
    rows = [Row(name, row) for name, row in results["rows"].items()]
    parts = [f"{results['machine']}; {results['rounds']} rounds."]
    for part, title, what, made in PARTS:
        measured = [row for row in rows if part in row.row and {"cold", "warm"} <= row.row.keys()]
        if measured:
            parts.append(f"### {title}\n\n{what}\n\n{made(measured)}")
    return "\n\n".join(part.rstrip() for part in parts) + "\n\n" + notes(results)
