"""The digit example as one would write it by hand for Python and onnxruntime: loads the model once, answers an event with the
digit in its picture, or with null where the model is not sure. The loop over the Runtime API is plain and keeps its connection;
AWS' own does more."""

import base64
import http.client
import io
import json
import os
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

MODEL = Path(__file__).resolve().parents[3] / "examples/digits/models/kcnn-32.onnx"


def handle(session, event):
    image = Image.open(io.BytesIO(base64.b64decode(event["image"]))).convert("L").resize((28, 28), Image.BILINEAR)
    x = np.asarray(image, np.float32)[None, None] / np.float32(255)
    scores = session.run(None, {"input": x})[0][0]
    best = int(scores.argmax())
    return str(best) if scores[best] >= 0.8 else None


def main():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
    host, _, prefix = os.environ["AWS_LAMBDA_RUNTIME_API"].removeprefix("http://").partition("/")
    base = f"/{prefix}/2018-06-01/runtime/invocation/".replace("//", "/")
    api = http.client.HTTPConnection(host)
    while True:
        api.request("GET", base + "next")
        response = api.getresponse()
        request, body = response.headers["Lambda-Runtime-Aws-Request-Id"], response.read()
        try:
            kind, answer = "response", handle(session, json.loads(body))
        except Exception as error:
            kind, answer = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
        api.request("POST", f"{base}{request}/{kind}", json.dumps(answer))
        api.getresponse().read()


main()
