use std.vision

fn small(image: Image) -> u8[1, 28, 28] {
    gray(image) |> resize(28, 28, "bilinera")
}
