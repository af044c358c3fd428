labels Season = "spring", "summer", "autumn", "winter"

fn warm(season: Season) -> bool {
    match season {
        "summer" -> true
        "winter" -> false
    }
}
