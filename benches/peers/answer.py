"""onnxruntime from Python, with the command line of the other peers (see `common/src/lib.rs`)."""

import json
import sys
import time

import numpy
import onnxruntime


def main(how, *words):
    count, words = (int(words[0]), words[1:]) if how == "warm" else (None, words)
    model, *inputs = words
    options = onnxruntime.SessionOptions()
    # One thread, as all the others have.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    named = (given.split("=", 1) for given in inputs)
    feed = {name: numpy.load(path) for name, path in named}

    def call():
        output = session.run(None, feed)[0]
        return {"largest": float(output.max()), "energy": float(numpy.square(output).sum())}

    start = time.perf_counter_ns()
    answer = call()
    first = time.perf_counter_ns() - start
    if count is None:
        print(json.dumps(answer))
        return
    wall = []
    for _ in range(count):
        start = time.perf_counter_ns()
        call()
        wall.append(time.perf_counter_ns() - start)
    print(json.dumps({"first": first, "wall": wall}))


main(*sys.argv[1:])
