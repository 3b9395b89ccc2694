//! Criterion benches, a file per layer, on the shapes of real models.
