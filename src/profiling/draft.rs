//! draft
use std::io::Read;
pub const MOST_BYTES: u64 = 200 << 20;
pub struct Options<'a> {
    pub from: &'a str,
    pub conn: Option<&'a str>,
    pub name: Option<&'a str>,
}
pub fn draft(_input: impl Read, _options: &Options<'_>) -> Result<String, String> {
    Err(String::new())
}
