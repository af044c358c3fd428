record { x: f32 }
