//! How diabetes goes on in a year, from ten measures of a patient. The nets want each measure less its mean, divided by its
//! spread over the 442 patients of the study (the standard deviation times the square root of 442).

use std.tabular

/// How far the disease went on, on the scale of the study, 25 to 346.
dimension progression: point

/// What the study measured, in its order.
record Measures {
    age: f32<year>
    /// 1 or 2, as the study coded it.
    sex: f32
    body_mass_index: f32<kg/m^2>
    blood_pressure: f32<mmHg>
    cholesterol: f32<mg/dl>
    ldl: f32<mg/dl>
    hdl: f32<mg/dl>
    /// Cholesterol over hdl.
    quotient: f32
    /// The natural logarithm of the triglycerides in mg/dl.
    triglycerides: f32
    sugar: f32<mg/dl>
}

const middle: f32[10] = [48.5181, 1.4683257, 26.375792, 94.64701, 189.14027, 115.43914, 49.78846, 4.070249, 4.641411, 91.26018]
const spread: f32[10] = [275.28958, 10.490785, 92.780556, 290.45694, 726.7691, 638.6747, 271.61826, 27.099447, 10.970201, 241.42303]

/// 132 patients that no model of this catalog was trained on.
dataset patients: tabular_regression<Measures, point> {
    file     "holdout.npz"
    sha256   "6af437dc0cf7102c4a312d4de46371b92dedea722d9d85785e922168259591fb"
    revision "1"
    license  BSD-3-Clause
}

model linear: tabular_regression<Measures, point> {
    net     "linear.onnx" sha256 "216835046658899445379dc0a5d552465181958b4fbcdd39a8845b5249445f43"
            (input: f32[N, 10]) -> (value: f32[N, 1])
    license MIT
    origin  "own weights, trained on 310 patients of scikit-learn's diabetes data"
    claim   mae on patients = 46.37 point (n 132)
    claim   r2 on patients = 43.9% (n 132)
    claim   latency.p95 = 16.4 us
    adapt {
        let x = (features(row) - middle) / spread
        let y = infer(input: x |> batch).value |> first
        y[0] * 1.0 point
    }
}

model mlp_8: tabular_regression<Measures, point> {
    net     "mlp-8.onnx" sha256 "e756264ad79825c692e66e0d9b24f023ff654d42221ba9b0532c83afcc1dd343"
            (input: f32[N, 10]) -> (value: f32[N, 1])
    license MIT
    origin  "own weights, trained on 310 patients of scikit-learn's diabetes data"
    claim   mae on patients = 48.3 point (n 132)
    claim   r2 on patients = 39.8% (n 132)
    claim   latency.p95 = 18.3 us
    adapt {
        let x = (features(row) - middle) / spread
        let y = infer(input: x |> batch).value |> first
        y[0] * 1.0 point
    }
}
