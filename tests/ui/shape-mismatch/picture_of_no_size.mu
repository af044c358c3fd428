use std.vision

fn nothing(image: Image) -> u8[1, 0, 28] {
    gray(image) |> resize(0, 28)
}
