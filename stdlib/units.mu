//! Dimensions and units. A unit is a power product of base units with an exact decimal factor; there are no affine units
//! (no degrees Celsius). `%` is the unit of ratios: `97%` is `0.97`.

dimension time: s
unit ms = 0.001 s
unit us = 0.000001 s
unit ns = 0.000000001 s
unit min = 60 s
unit h = 3600 s
unit day = 86400 s
unit year = 31557600 s

dimension size: byte
unit B = 1 byte
unit kB = 1000 byte
unit MB = 1000000 byte
unit GB = 1000000000 byte
unit KiB = 1024 byte
unit MiB = 1048576 byte
unit GiB = 1073741824 byte

dimension money: USD

dimension amount: request
unit requests = 1 request

dimension length: m
unit km = 1000 m
unit cm = 0.01 m
unit mm = 0.001 m

dimension mass: kg
unit g = 0.001 kg
unit mg = 0.000001 kg

dimension temperature: K
dimension current: A
dimension substance: mol
unit mmol = 0.001 mol
unit l = 0.001 m^3
unit dl = 0.1 l
unit N = 1 kg*m/s^2
unit Pa = 1 N/m^2
unit mmHg = 133.322387415 Pa
unit Hz = 1/s
unit J = 1 N*m
unit W = 1 J/s
