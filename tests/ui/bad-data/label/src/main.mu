// command: build
labels Kind = "fruit", "bread"

record Item { name: Text, kind: Kind, price: f64<USD> }

const items: List<Item, 10> = file("items.csv")

fn dearest() -> Option<Item> {
    get(items, 0)
}
