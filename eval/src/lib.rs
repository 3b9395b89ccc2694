//! Metrics with their degenerate cases defined, without input or output.
