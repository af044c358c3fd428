"""The ways to answer: our bundle and what it is compared with. Each is a command that answers once, and one that stays and calls
a model many times."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import onnxruntime

import models

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "peers"
PYTHON_PEER = PEERS / "answer.py"
PACKAGES = [Path(numpy.__file__).parent, Path(numpy.__file__).parent.parent / "numpy.libs", Path(onnxruntime.__file__).parent]

FLOOR, READ, COPY, BUNDLE, PLAIN, TRACT, ORT, PYTHON = (
    "floor",
    "floor, all read",
    "floor, copied",
    "bundle",
    "bundle, not frozen",
    "tract",
    "Rust + onnxruntime",
    "Python + onnxruntime",
)


@dataclass
class Way:
    """How a row is answered by one peer."""

    call: list
    """The command that answers once."""
    warm: list = field(default_factory=list)
    """The command that calls often, with COUNT for how often; empty where there is none."""
    files: list = field(default_factory=list)
    """What must lie on the disk for it: files and folders."""


@dataclass
class Tools:
    """What is compared."""

    mulc: Path
    bootstrap: Path
    work: Path
    floor: Path
    peak: Path
    tract: Path
    ort: Path


def library() -> Path:
    """The shared library in the wheel of onnxruntime."""
    return next((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*"))


def build(work: Path) -> dict:
    """Builds the peers that are programs. tract and the floor are static, as the bundle's runtime is; who loads onnxruntime's
    library cannot be."""
    made = {}
    for package, static in (("peer-direct", "+"), ("peer-ort", "-")):
        target = work / "target" / package
        environment = {**os.environ, "CARGO_TARGET_DIR": str(target), "RUSTFLAGS": f"-C target-feature={static}crt-static"}
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", package], cwd=PEERS, env=environment, check=True)
        made[package] = next(target.glob("*/release/peer-ort" if package == "peer-ort" else "*/release/tract")).parent
    return made


def request(model: models.Model, work: Path) -> list:
    """Writes the row's inputs; gives the files."""
    folder = work / "inputs" / "".join(c if c.isalnum() else "_" for c in model.name)
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{i}.npy" for i in range(len(model.inputs))]
    for i, (file, taken) in enumerate(zip(files, model.inputs)):
        numpy.save(file, taken.value(seed=i + 1))
    value = model.inputs[0].value(seed=1).tolist()
    (folder / "calls.jsonl").write_text(json.dumps({"x": value}) + "\n")
    return files


def project(model: models.Model, file: Path, folder: Path) -> Path:
    """Writes the row's project."""
    for part in ("src", "models"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "mu.toml").write_text(f'[project]\nname = "{model.project}"\n')
    (folder / "src" / "main.mu").write_text(model.program())
    (folder / "models" / "only.mu").write_text(model.card(file))
    beside = folder / "models" / file.name
    if not beside.exists():
        beside.symlink_to(file)
    return folder


def run(tools: Tools, *words) -> str:
    """Runs `mulc`; gives what it said beside its answer."""
    environment = {**os.environ, "MULC_BOOTSTRAP": str(tools.bootstrap), "NO_COLOR": "1"}
    done = subprocess.run([tools.mulc, *words], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"mulc {' '.join(map(str, words))}\n{done.stderr}")
    return done.stderr


def optimized(model: models.Model, file: Path, tools: Tools) -> Path:
    """The best form that `mulc models optimize` finds of a file."""
    folder = tools.work / "optimized" / model.project
    found = list(folder.glob("models/only_*.onnx"))
    if not found:
        run(tools, "models", "optimize", "only", "--calls", "5", "--processes", "1", "--project", project(model, file, folder))
        found = list(folder.glob("models/only_*.onnx"))
    return found[0] if found else file


def bundle(model: models.Model, file: Path, tools: Tools, freeze: bool) -> tuple:
    """The row's bundle, built where it is not there yet, and what `mulc build` said."""
    out = tools.work / "bundles" / (model.project + ("" if freeze else "_plain"))
    said = out.with_suffix(".txt")
    if not said.exists():
        folder = project(model, file, tools.work / "projects" / model.project)
        told = run(tools, "build", folder, "--out", out, *([] if freeze else ["--no-freeze"]))
        said.write_text(told)
    return out, said.read_text()


def ways(model: models.Model, file: Path, tools: Tools) -> tuple:
    """All peers of a row by their names, and a note on the bundle where it is not what it should be."""
    inputs = request(model, tools.work)
    file = optimized(model, file, tools) if model.optimized else file
    named = [f"{taken.name}={path}" for taken, path in zip(model.inputs, inputs)]
    calls = inputs[0].parent / "calls.jsonl"
    found = {}
    note = ""
    for name, freeze in ((BUNDLE, True), (PLAIN, False)):
        folder, said = bundle(model, file, tools, freeze)
        note = note or said
        own = str(folder / "bootstrap")
        warm = [own, "measure", "answer", "--inputs", str(calls), "--calls", "COUNT"]
        found[name] = Way([own, "call", "answer", "--input", f"x=@{inputs[0]}"], warm, [folder])
    for name, how in ((FLOOR, "touch"), (READ, "map"), (COPY, "copy")):
        found[name] = Way([str(tools.floor), how, str(file)], [], [tools.floor, file])

    def peer(command: list, files: list) -> Way:
        return Way([*command, "call", str(file), *named], [*command, "warm", "COUNT", str(file), *named], [*files, file])

    found[TRACT] = peer([str(tools.tract)], [tools.tract])
    found[ORT] = peer([str(tools.ort)], [tools.ort, library()])
    found[PYTHON] = peer([sys.executable, str(PYTHON_PEER)], PACKAGES)
    return found, note
