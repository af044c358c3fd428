//! Machine code for a program, made by Cranelift: one blob for one processor.
