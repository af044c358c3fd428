const x = 5 kg / m ^ 2
