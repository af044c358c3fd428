use std.tabular
use catalog.points

slot sorter: tabular_classification<Point, Side> {
    require license in [MIT]
}

fn side(point: Point) -> Ranking<Side> {
    sorter(point)
}
