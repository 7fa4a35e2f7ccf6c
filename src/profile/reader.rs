//! Takes values out of a tree by name, and knows which names nobody asked for.
