//! Model, step, loop, evaluation, checkpoint and export.
