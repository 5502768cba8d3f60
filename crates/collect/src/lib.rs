//! Host and engine into one Snapshot; reads only
