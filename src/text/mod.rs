//! The one sanitiser, width-correct cutting, and numbers in words.
//!
//! Whatever a server, a file or a user sends passes [`clean`] or [`clean_bytes`] before a person sees it; what does not
//! fit is cut by [`cut`] or [`fit`]; a number becomes words in [`age`], [`size`], [`rate`] and their like, and nowhere else.
//! It knows no event, no language and no style: sentences are made in `say`.

mod cells;
mod json;
mod near;
mod numbers;
mod sanitise;
mod secrets;

pub use self::cells::{cut, fit, fit_right, width, wrapped};
pub use self::json::{escaped_unit, has_lone_surrogate, write_json};
pub use self::near::nearest;
pub use self::numbers::{age, count, exact_secs, lag, millis, passed, rate, signed_millis, size, span};
pub use self::sanitise::{clean, clean_bytes};
pub use self::secrets::{looks_random, looks_secret, mask_url, secret_header, secret_name, secret_parts};

#[cfg(test)]
mod tests;
