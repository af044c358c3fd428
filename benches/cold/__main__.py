"""Compares the first and the warm answers of bundles with those of peers: `python benches/cold --help`.

Needs a Python with numpy and onnxruntime, cargo for the peers, valgrind to count instructions and strace to empty the page cache."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from statistics import median

# Nothing is left in the folder of the sources.
sys.dont_write_bytecode = True

import measure
import models
import peers
import plot
import report
import sizes

ROOT = Path(__file__).resolve().parents[2]
# Calls that take longer, in seconds, are not counted: callgrind takes a hundred times as long.
COUNTED = 0.15


def arguments():
    parser = argparse.ArgumentParser(prog="benches/cold", description="First and warm answers of bundles and their peers.")
    release = ROOT / "target" / "x86_64-unknown-linux-gnu" / "release"
    parser.add_argument("--data", type=Path, default=os.environ.get("MU_DATA"), help="the folder of the models (or MU_DATA)")
    parser.add_argument("--mulc", type=Path, default=release / "mulc")
    parser.add_argument("--bootstrap", type=Path, default=release / "bootstrap", help="the runtime, built for release")
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "cold", help="where bundles, peers and results go")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--seconds", type=float, default=1.0, help="of warm calls, for each peer and round")
    parser.add_argument("--only", help="models whose name has this in it")
    parser.add_argument("--parts", default="cold,warm,instructions,dropped,sizes", help="what to measure anew")
    parser.add_argument("--plot", type=Path, help="where to draw the plot")
    return parser.parse_args()


def rows(asked) -> list:
    """The models that are there, each with its file."""
    if not asked.data:
        print("no --data: only the models of the examples are compared", file=sys.stderr)
    found = []
    for model in models.MODELS:
        file = asked.data / model.file if asked.data else ROOT / "examples" / model.example
        if file.is_file() and (not asked.only or asked.only in model.name):
            found.append((model, file.resolve()))
        elif not asked.only and asked.data:
            print(f"left out, not there: {file}", file=sys.stderr)
    return found


def agree(runs: dict):
    """All peers must have computed the same, but for rounding, or they are not compared on the same work."""
    answers = {name: found[0]["answer"] for name, found in runs.items() if "largest" in found[0]["answer"]}
    wanted = answers[peers.PYTHON]
    for name, answer in answers.items():
        for what, value in answer.items():
            # int8 models round in the middle, and otherwise in each engine.
            if abs(value - wanted[what]) > 0.05 * abs(wanted[what]) + 1e-4:
                raise SystemExit(f"{name} answers {answer}, {peers.PYTHON} {wanted}")


def row(model, file, tools, asked, known: dict) -> dict:
    ways, note = peers.ways(model, file, tools)
    parts = asked.parts.split(",")
    known["note"] = note
    if "cold" in parts:
        measure.cold(ways, 1)
        known["cold"] = measure.cold(ways, asked.rounds)
        known["peaks"] = measure.peaks(ways, tools.peak)
        agree(known["cold"])
    if "warm" in parts:
        known["warm"] = measure.warm(ways, 5, asked.seconds)
    if "instructions" in parts:
        call = median(known["warm"][peers.TRACT][0])
        if call < COUNTED:
            counted = (peers.BUNDLE, peers.TRACT)
            known["instructions"] = {name: measure.instructions(ways[name].warm, call) for name in counted}
    if "dropped" in parts:
        files = {name: measure.opened(way.call) for name, way in ways.items()}
        known["dropped"] = measure.cold(ways, 7, lambda name: measure.forget(files[name]))
    if "sizes" in parts:
        known["sizes"] = {name: sizes.total(way.files) for name, way in ways.items()}
    return known


def main():
    asked = arguments()
    asked.work.mkdir(parents=True, exist_ok=True)
    made = peers.build(asked.work)
    direct, ort = made["peer-direct"], made["peer-ort"]
    own = [direct / name for name in ("floor", "peak", "tract")]
    tools = peers.Tools(asked.mulc, asked.bootstrap, asked.work, *own, ort / "peer-ort")
    measure.favoured()
    store = asked.work / "results.json"
    results = json.loads(store.read_text()) if store.is_file() else {"rows": {}}
    results["machine"] = f"{platform.machine()}, {os.cpu_count()} processors"
    results["rounds"] = asked.rounds
    for model, file in rows(asked):
        print(model.name, file=sys.stderr)
        results["rows"][model.name] = row(model, file, tools, asked, results["rows"].get(model.name, {}))
        store.write_text(json.dumps(results))
    order = [model.name for model in models.MODELS if model.name in results["rows"]]
    results["rows"] = {name: results["rows"][name] for name in order}
    if asked.plot:
        asked.plot.write_text(plot.svg(results))
    print(report.markdown(results), end="")


main()
