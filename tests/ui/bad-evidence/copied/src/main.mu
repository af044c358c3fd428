use catalog.points

fn flip(side: Side) -> Side {
    if side == "left" then "right" else "left"
}
