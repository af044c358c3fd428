labels Size = "small", "medium", "large"

record Shirt { size_of: Size }

fn mine() -> Shirt {
    Shirt { size_of: "meduim" }
}
