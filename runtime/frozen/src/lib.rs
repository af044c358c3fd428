//! Objects written to a file as they lie in memory, and mapped back.
