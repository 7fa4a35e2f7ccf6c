//! Arguments to a plan.
