labels Bird = file("birds.json")
