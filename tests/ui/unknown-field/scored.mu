record Reading { label: Text, score: f32 }

fn sure(reading: Reading) -> bool {
    reading.scor > 0.5
}
