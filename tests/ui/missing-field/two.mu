record Box3 { width: f32, height: f32, depth: f32 }

fn cube(side: f32) -> Box3 {
    Box3 { width: side }
}
