"""The models that are compared: their files, the tensors that each takes, and the project around each.

A project is the smallest that runs a model: a task that takes the net's tensors as they are, a card that gives them to it, and a
function that says of the first output what every peer says: its largest element, and the sum of the squares of all."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy


@dataclass
class Input:
    """A tensor that a model takes: its name in the file, its type, the shape it has here, and its type in the card."""

    name: str
    dtype: str
    shape: tuple
    card: str

    def value(self, seed: int):
        """Numbers that any model takes: floats in [0, 1), whole numbers that index tables."""
        draw = numpy.random.default_rng(seed)
        if self.dtype == "f32":
            return draw.random(self.shape, dtype=numpy.float32)
        if self.name in ("attention_mask", "token_type_ids"):
            return numpy.full(self.shape, self.name == "attention_mask", dtype=numpy.int64)
        top = 250 if self.dtype == "i32" else 20_000
        return draw.integers(1, top, self.shape, dtype={"i32": numpy.int32, "i64": numpy.int64}[self.dtype])


@dataclass
class Model:
    """A row of the table."""

    name: str
    file: str
    """In the folder of the data."""
    inputs: list
    output: str
    """As the card declares it."""
    takes: str = ""
    """The type of the function's one parameter, where it is not the first input's."""
    call: str = ""
    """The arguments of `infer`, where they are not the first input alone."""
    example: str = ""
    """Where an example of the project has the file."""
    optimized: bool = False
    """Whether all take the form that `mulc models optimize` makes of the file."""

    @property
    def project(self):
        """The project serves all rows of one file: what differs is the length of the request."""
        name = Path(self.file).stem.replace("-", "_").replace(".", "_").lower()
        return name + ("_optimized" if self.optimized else "")

    @property
    def parameter(self):
        first = self.inputs[0]
        return self.takes or f"{first.dtype}[{first.card}]".replace("[N,", "[1,")

    def card(self, file: Path) -> str:
        net = ", ".join(f'x{i} "{x.name}": {x.dtype}[{x.card}]' for i, x in enumerate(self.inputs))
        call = self.call or "x0: x"
        return f"""//! The net alone: its tensors in, two numbers out.

/// The largest element of a net's output, and the sum of the squares of all.
record Answer {{ largest: f32, energy: f32 }}

task net(x: {self.parameter}) -> Answer {{
    hub    "other"
    truth  f32
    metric mae: ratio, lower is better = mean(abs(output.largest - truth))
}}

model only: net {{
    net     "{file.name}" sha256 "{hashlib.sha256(file.read_bytes()).hexdigest()}"
            ({net}) -> (y {self.output})
    license Apache-2.0
    adapt {{
        let y = infer({call}).y
        Answer {{ largest: largest_of(y), energy: sum(square(y)) }}
    }}
}}
"""

    def program(self) -> str:
        return f"""use catalog.only

slot runs: net {{
    require license in [Apache-2.0]
}}

fn answer(x: {self.parameter}) -> Answer {{
    runs(x)
}}

deploy answer {{
    target   local
    minimize size
}}
"""


def picture(name: str, side: int, card: str = "") -> Input:
    return Input(name, "f32", (1, 3, side, side), card or f"N, 3, {side}, {side}")


def minilm(tokens: int, kind: str) -> Model:
    names = ("input_ids", "attention_mask", "token_type_ids")
    return Model(
        f"MiniLM {kind}, {tokens} tokens",
        "sentence-embedding/all-MiniLM-L6-v2-embedding-int8-dyn.onnx",
        [Input(name, "i64", (1, tokens), "N, S <= 256") for name in names],
        '"embedding": f32[N, 384]',
        takes="i64[1, <= 256]",
        call="x0: x, x1: ones_like(x), x2: zeros_like(x)",
        optimized=kind == "float",
    )


def digits(name: str, file: str, example: str = "") -> Model:
    inputs = [Input("input", "f32", (1, 1, 28, 28), "N, 1, 28, 28")]
    return Model(name, f"mnist10k/{file}", inputs, '"probs": f32[N, 10]', example=example)


def ocr(name: str, file: str, shape: tuple, card: str, output: str, takes: str = "") -> Model:
    return Model(name, f"ocr/{file}", [Input("x", "f32", shape, card)], output, takes=takes)


MODELS = [
    digits("mnist kcnn-8, 7 KB", "kcnn-8.onnx", "digits/models/kcnn-8.onnx"),
    digits("mnist mlp-256, 815 KB", "mlp-256.onnx"),
    digits("mnist kcnn-96, 116 KB", "kcnn-96.onnx", "digits/models/kcnn-96.onnx"),
    Model(
        "Magika v3.3",
        "filetype/standard_v3_3.onnx",
        [Input("bytes", "i32", (1, 2048), "N, 2048")],
        '"target_label": f32[N, 214]',
    ),
    ocr(
        "OCR turn",
        "ch_ppocr_mobile_v2.0_cls_infer.onnx",
        (1, 3, 48, 192),
        "N, 3, 48, 192",
        '"save_infer_model/scale_0.tmp_1": f32[N, 2]',
    ),
    ocr(
        "OCR find, 320 x 320",
        "ch_PP-OCRv4_det_infer.onnx",
        (1, 3, 320, 320),
        "N, 3, H <= 960, W <= 960",
        '"sigmoid_0.tmp_0": f32[N, 1, H, W]',
        takes="f32[1, 3, <= 960, <= 960]",
    ),
    ocr(
        "OCR read, 48 x 320",
        "ch_PP-OCRv4_rec_infer.onnx",
        (1, 3, 48, 320),
        "N, 3, 48, 320",
        '"softmax_11.tmp_0": f32[N, 40, 6625]',
    ),
    minilm(8, "float"),
    minilm(32, "float"),
    minilm(128, "float"),
    minilm(8, "int8"),
    Model(
        "EfficientNet-Lite 0",
        "image-classification/efficientnet-lite0.onnx",
        [picture("image", 224)],
        '"logits": f32[N, 1000]',
    ),
    Model(
        "EfficientNet-Lite 2",
        "image-classification/efficientnet-lite2.onnx",
        [picture("image", 260)],
        '"logits": f32[N, 1000]',
    ),
]
