//! Is this text a secret, and of what kind
