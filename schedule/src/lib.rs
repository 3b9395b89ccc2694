//! Learning rates, phases and batch composition, without input or output.
