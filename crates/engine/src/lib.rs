//! Thin blocking client of the Docker Engine's API
