use rooms
use gardens

fn biggest() -> f32<m^2> {
    largest_area()
}
