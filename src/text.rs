//! The one sanitiser, width-correct cutting, and numbers in words.
