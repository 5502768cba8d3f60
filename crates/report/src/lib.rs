//! Findings and attack paths as text, JSON and SARIF
