fn read(image: Imag) -> Text {
    "7"
}
