this is no program
but two lines of prose
