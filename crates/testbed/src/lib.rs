//! Real Docker Engines in private roots, for tests and benchmarks
