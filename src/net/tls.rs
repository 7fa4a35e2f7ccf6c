//! What we trust, and how we show who we are.
