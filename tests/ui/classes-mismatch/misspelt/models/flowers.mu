use std.tabular

labels Species = "setosa", "versicolor", "virginica"

record Flower { sepal_length: f32<cm>, sepal_width: f32<cm>, petal_length: f32<cm>, petal_width: f32<cm> }
