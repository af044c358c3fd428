# a comment
const x = 1
