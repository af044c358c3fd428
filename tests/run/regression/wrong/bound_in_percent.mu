// wrong: unit-mismatch
use std.tabular
use catalog.diabetes

slot regressor: tabular_regression<Measures, point> {
    require mae on patients <= 50% as claimed
    require r2 on patients >= 30% as claimed
}

record Patient {
    age: f32<year>
    sex: f32
    weight: f32<kg>
    height: f32<cm>
    blood_pressure: f32<mmHg>
    cholesterol: f32<mg/dl>
    ldl: f32<mg/dl>
    hdl: f32<mg/dl>
    /// The natural logarithm of the triglycerides in mg/dl.
    triglycerides: f32
    sugar: f32<mg/dl>
}

/// The weight over the square of the height.
fn body_mass_index(weight: f32<kg>, height: f32<cm>) -> f32<kg/m^2> {
    let tall = height in m
    weight / (tall * tall)
}

/// How far the disease will have gone on in a year, or nothing where the measures lead to no number.
fn progression(patient: Patient) -> Option<f32<point>> {
    let row = Measures {
        age: patient.age
        sex: patient.sex
        body_mass_index: body_mass_index(patient.weight, patient.height)
        blood_pressure: patient.blood_pressure
        cholesterol: patient.cholesterol
        ldl: patient.ldl
        hdl: patient.hdl
        quotient: patient.cholesterol / patient.hdl
        triglycerides: patient.triglycerides
        sugar: patient.sugar
    }
    regressor(row) |> finite
}

deploy progression {
    target   local
    minimize size
}

test "an index is in kilograms per square metre" {
    let index = body_mass_index(80.0 kg, 2.0 m)
    assert index > 19.99 kg/m^2
    assert index < 20.01 kg/m^2
}

test "a patient without height has no prediction" {
    let nobody = Patient {
        age: 50 year
        sex: 1
        weight: 0 kg
        height: 0 cm
        blood_pressure: 90 mmHg
        cholesterol: 200 mg/dl
        ldl: 120 mg/dl
        hdl: 50 mg/dl
        triglycerides: 4.5
        sugar: 90 mg/dl
    }
    assert progression(nobody) == none
}
