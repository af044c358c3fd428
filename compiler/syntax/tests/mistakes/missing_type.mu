record R { x: }
