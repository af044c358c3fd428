"""Makes the hundred digits of tests/data/mnist as grey, RGB and RGBA pictures, and what onnxruntime says of each.

Usage: digits.py PICTURES MODEL OUT; prints a JSON list of {"files": {mode: path}, "scores": [10 numbers]}.
"""

import json
import pathlib
import sys

import numpy
import onnxruntime
from PIL import Image

pictures, model, out = (pathlib.Path(argument) for argument in sys.argv[1:])
session = onnxruntime.InferenceSession(str(model))
digits = []
for path in sorted(pictures.glob("*.png")):
    picture = Image.open(path)
    assert picture.mode == "L" and picture.size == (28, 28)
    files = {}
    for mode in ("L", "RGB", "RGBA"):
        files[mode] = str(out / f"{path.stem}-{mode}.png")
        picture.convert(mode).save(files[mode])
    tensor = (numpy.asarray(picture, numpy.float32) / 255)[None, None]
    scores = session.run(["probs"], {"input": tensor})[0][0]
    digits.append({"files": files, "scores": scores.tolist()})
json.dump(digits, sys.stdout)
