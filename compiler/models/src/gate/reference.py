"""Runs models under onnxruntime for a comparison: what to run stands in FOLDER/request.json, what came out goes to FOLDER.

Usage: reference.py FOLDER
"""

import json
import pathlib
import sys

import numpy
import onnxruntime

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
options = onnxruntime.SessionOptions()
options.log_severity_level = 4
options.intra_op_num_threads = 1


def array(value):
    """A tensor of what onnxruntime gives; None where it is none: maps become rows of scores in the order of the classes."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        classes = request["classes"]
        keys = {str(key): key for key in value[0]}
        order = [keys[c] for c in classes] if sorted(classes) == sorted(keys) else list(value[0])
        value = numpy.array([[row[key] for key in order] for row in value], numpy.float32)
    if not isinstance(value, numpy.ndarray) or value.dtype.kind not in "biuf":
        return None
    if value.dtype.kind in "iu" and value.dtype not in (numpy.uint8, numpy.int32):
        return value.astype(numpy.int64)
    if value.dtype == numpy.float16:
        return value.astype(numpy.float32)
    return value


answer = {"version": onnxruntime.__version__, "outputs": []}
for m, path in enumerate(request["models"]):
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    for s, sample in enumerate(request["samples"]):
        feeds = {name: numpy.load(folder / file) for name, file in sample.items()}
        for name, value in zip(names, session.run(None, feeds)):
            value = array(value)
            if value is not None:
                file = f"out-{m}-{s}-{names.index(name)}.npy"
                numpy.save(folder / file, numpy.ascontiguousarray(value))
                answer["outputs"].append({"model": m, "sample": s, "name": name, "file": file})
(folder / "answer.json").write_text(json.dumps(answer))
