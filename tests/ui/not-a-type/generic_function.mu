fn same<N: Dim>(a: f32[N]) -> f32[N] { a }
