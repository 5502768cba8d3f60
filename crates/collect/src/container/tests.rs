//! Real answers of three engines, and answers that no engine gives.
