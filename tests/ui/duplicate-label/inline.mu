labels Weekday = "Mon", "Tue", "Wed", "Thu", "Fri", "Mon"
