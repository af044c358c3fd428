"""Takes the times: processes one after the other, each peer once a round, so that what else the machine does meets all alike. Each
round has another order: who runs after a large peer finds the processor's caches full of other things."""

import json
import os
import random
import re
import subprocess
import tempfile
import time
from pathlib import Path

import peers


def environment() -> dict:
    return {**os.environ, "ORT_DYLIB_PATH": str(peers.library())}


def favoured() -> None:
    """Asks the system to run this process and its children before all others; where it does not allow that, nothing changes."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        pass


def once(command: list) -> dict:
    """Runs a command: `wall`, from the start of the process to its answer, in seconds, and the `answer`."""
    reader, writer = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_CLOSE, reader), (os.POSIX_SPAWN_CLOSE, writer)]
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, environment(), file_actions=actions)
    os.close(writer)
    said = b""
    while not said.endswith(b"\n"):
        part = os.read(reader, 1 << 20)
        if not part:
            break
        said += part
    wall = time.perf_counter() - start
    os.close(reader)
    _, status = os.waitpid(child, 0)
    if status != 0 or not said:
        raise SystemExit(f"{' '.join(command)}: ended with {status} and said {said!r}")
    return {"wall": wall, "answer": json.loads(said)}


def orders(ways: dict, rounds: int) -> list:
    """The order of the peers in each round: by chance, and the same every time."""
    draw = random.Random(rounds)
    return [draw.sample(sorted(ways), len(ways)) for _ in range(rounds)]


def cold(ways: dict, rounds: int, before=lambda name: None) -> dict:
    """Each peer's runs, in rounds. `before` readies the machine."""
    runs = {name: [] for name in ways}
    for order in orders(ways, rounds):
        for name in order:
            before(name)
            runs[name].append(once(ways[name].call))
    return runs


def warm(ways: dict, rounds: int, seconds: float) -> dict:
    """What calls take in processes that stay, in seconds: a list for each round, of as many calls as fit `seconds`."""
    stay = {name: way.warm for name, way in ways.items() if way.warm}

    def calls(command: list, count: int) -> list:
        told = [str(count) if word == "COUNT" else word for word in command]
        return [nanos / 1e9 for nanos in once(told)["answer"]["wall"]]

    counts = {name: max(3, min(400, int(seconds / min(calls(command, 3))))) for name, command in stay.items()}
    walls = {name: [] for name in stay}
    for order in orders(stay, rounds):
        for name in order:
            walls[name].append(calls(stay[name], counts[name]))
    return walls


# The kernel tells the processes where its own clock is, which is not mapped under valgrind; strace makes it not tell.
HIDDEN = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=prctl", "-e", "inject=prctl:error=EINVAL", "-o", "/dev/null"]


def instructions(command: list, call: float) -> float:
    """Of a warm call that takes so many seconds: what some calls more take more, as callgrind counts."""
    more = max(2, min(100, int(0.05 / call)))

    def counted(calls: int) -> int:
        told = [str(calls) if word == "COUNT" else word for word in command]
        tool = [*HIDDEN, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *told]
        done = subprocess.run(tool, capture_output=True, text=True, env=environment(), check=True)
        return int(re.search(r"Collected : (\d+)", done.stderr).group(1))

    return (counted(1 + more) - counted(1)) / more


def peaks(ways: dict, tool: Path) -> dict:
    """The most memory that was resident, in bytes: for each peer, of three runs."""
    return {name: [once([str(tool), *way.call])["answer"]["peak"] for _ in range(3)] for name, way in ways.items()}


def opened(command: list) -> list:
    """The files that a command reads, found by strace."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        trace = ["strace", "-f", "-qq", "-e", "trace=execve,open,openat", "-o", str(log), *command]
        subprocess.run(trace, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), check=True)
        lines = log.read_text(errors="replace").splitlines()
    paths = [re.search(r'"([^"]+)".*= \d+$', line) for line in lines]
    paths = {os.path.realpath(path.group(1)) for path in paths if path} | {os.path.realpath(command[0])}
    return sorted(path for path in paths if os.path.isfile(path) and not path.startswith(("/proc", "/sys", "/dev")))


def forget(files: list) -> None:
    """Drops files from the page cache, but for pages that other processes have mapped."""
    # A peer may have files that it deletes in the end.
    for path in filter(os.path.isfile, files):
        with open(path, "rb") as file:
            os.fdatasync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
