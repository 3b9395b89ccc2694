//! Kernels, layers, parameter store, optimiser and gradient check.
