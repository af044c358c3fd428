slot s: t {
    require top1 in [1, 2]
}
