const größe = 1
