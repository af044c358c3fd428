const weights: List<f32, 2> = [0.5, 0.3, 0.2]
