//! The rules over container facts, one file a rule
