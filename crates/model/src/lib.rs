//! The shared words of Dockward: facts, verdicts, and what the engine makes of what was configured
