labels Drink = "tea"

labels Place = "café"
