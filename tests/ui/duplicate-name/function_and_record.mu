record Point { x: f32, y: f32 }

labels Point = "here", "there"
