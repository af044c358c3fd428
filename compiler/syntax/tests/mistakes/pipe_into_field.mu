fn f(image: Image) -> bool { image |> reader |> top == "7" }
