const x =  1
