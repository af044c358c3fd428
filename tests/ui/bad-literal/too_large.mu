const byte: u8 = 256

const whole: i32 = 3000000000
