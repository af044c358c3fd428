labels Digit = '0', '1'
