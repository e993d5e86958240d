//! What holds of every rendering.
