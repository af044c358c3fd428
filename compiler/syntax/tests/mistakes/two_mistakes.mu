record A { x f32 }

fn good() -> bool { true }

fn bad( -> bool { true }

