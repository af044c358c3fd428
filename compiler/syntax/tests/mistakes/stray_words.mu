use std.vision please
