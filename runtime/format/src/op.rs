//! The numbered table of operations. Numbers are for ever: a new operation takes the next one, none is reused.

use serde::{Deserialize, Serialize};

macro_rules! operations {
    ($($number:literal $variant:ident $name:literal,)*) => {
        /// An operation of the runtime. Its signature is declared in `stdlib/` under its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "u16", try_from = "u16")]
        pub enum Op { $(#[doc = $name] $variant = $number,)* }

        impl Op {
            pub const ALL: &'static [Op] = &[$(Op::$variant),*];

            /// The name in `stdlib/` and in the IR's text form. Names in `stdlib/` that start with a letter are called;
            /// the others (`+`, `<`) are operators.
            pub fn name(self) -> &'static str {
                match self { $(Op::$variant => $name),* }
            }

            pub fn from_name(name: &str) -> Option<Op> {
                match name { $($name => Some(Op::$variant),)* _ => None }
            }

            pub fn number(self) -> u16 { self as u16 }
        }

        impl From<Op> for u16 {
            fn from(op: Op) -> u16 { op as u16 }
        }

        impl TryFrom<u16> for Op {
            type Error = String;
            fn try_from(number: u16) -> Result<Op, String> {
                match number {
                    $($number => Ok(Op::$variant),)*
                    _ => Err(format!("operation {number} is not known to this runtime; it was built by a newer compiler")),
                }
            }
        }
    };
}

// Operators carry names that no stdlib function can have.
operations! {
    1 Add "+", 2 Sub "-", 3 Mul "*", 4 Div "/", 5 Neg "neg",
    6 Lt "<", 7 Le "<=", 8 Gt ">", 9 Ge ">=", 10 Eq "==", 11 Ne "!=",
    12 And "and", 13 Or "or", 14 Not "not",

    20 Rank "rank", 21 Top "top", 22 TopK "top_k", 23 Score "score", 24 Hit "hit", 25 Class "class",
    30 Otherwise "otherwise", 31 IsSome "is_some", 32 Finite "finite",
    40 Count "count", 41 Get "get", 42 Take "take", 43 Chain "chain", 44 Largest "largest", 45 Total "total",
    46 All "all", 47 Any "any", 48 Elements "elements", 49 Stack "stack",

    60 ToF32 "to_f32", 61 ToF64 "to_f64", 62 ToI64 "to_i64", 63 ToI32 "to_i32",
    64 Abs "abs", 65 Square "square", 66 Sqrt "sqrt", 67 Exp "exp", 68 Log "log", 69 Tanh "tanh", 70 Sigmoid "sigmoid",
    71 Floor "floor", 72 Round "round", 73 Min "min", 74 Max "max", 75 Clamp "clamp", 76 Scale "scale", 77 Normalize "normalize",

    90 Batch "batch", 91 First "first", 92 Reshape "reshape", 93 Concat "concat", 94 ConcatLast "concat_last",
    95 Slice "slice", 96 SliceLast "slice_last", 97 Transpose "transpose", 98 Hwc "hwc", 99 Chw "chw", 100 Flip "flip",
    101 Zeros "zeros", 102 OnesLike "ones_like", 103 ZerosLike "zeros_like",
    104 Sum "sum", 105 Mean "mean", 106 MeanFirst "mean_first", 107 LargestOf "largest_of", 108 SmallestOf "smallest_of",
    109 Argmax "argmax", 110 Softmax "softmax", 111 UnitLength "unit_length", 112 Dot "dot", 113 Cosine "cosine",
    114 Features "features", 115 Similarity "similarity",

    130 Gray "gray", 131 Rgb "rgb", 132 Resize "resize", 133 Fit "fit", 134 ResizePad "resize_pad", 135 CenterCrop "center_crop",
    136 Crop "crop", 137 Width "width", 138 Height "height", 139 NonMaximumSuppression "non_maximum_suppression",
    140 Regions "regions", 141 Matched "matched", 142 Found "found",

    160 Lower "lower", 161 Upper "upper", 162 Trim "trim", 163 Split "split", 164 Join "join", 165 Head "head", 166 Length "length",
    167 Contains "contains", 168 StartsWith "starts_with", 169 Replace "replace", 170 ParseF64 "parse_f64",
    171 ParseLabel "parse_label", 172 LabelText "label_text", 173 HashWords "hash_words", 174 HashNgrams "hash_ngrams",
    175 Tokenize "tokenize", 176 Agreeing "agreeing", 177 Entities "entities",

    190 Resample "resample", 191 Frames "frames", 192 Duration "duration",
    193 FramesRight "frames_right", 194 FramesAlarmed "frames_alarmed", 195 FramesSilent "frames_silent",
}
