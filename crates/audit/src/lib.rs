//! Snapshot into findings and attack paths
