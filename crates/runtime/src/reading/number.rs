//! Numbers as vendors write them, exact as far as JSON can hold them.

use serde_json::Number;

/// Whole numbers from here on are not all exact as a double.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number that JSON can hold. One that is whole stays exact even if it is written with a point or an exponent.
pub(super) fn number(word: &str) -> Option<Number> {
    if !word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
    {
        return None;
    }
    let plain = |word: &str| {
        let unsigned = word.parse::<u64>().ok().map(Number::from);
        unsigned.or_else(|| word.parse::<i64>().ok().map(Number::from))
    };
    if let Some(whole) = plain(word).filter(|_| word != "-0") {
        return Some(whole);
    }
    let float = word.parse::<f64>().ok()?;
    if float.abs() >= EXACT
        && let Some(digits) = written_out(word)
        && let Some(whole) = plain(&digits)
    {
        return Some(whole);
    }
    Number::from_f64(float)
}

/// A number with a point or an exponent as plain digits, where it is whole and short enough for 64 bits.
fn written_out(word: &str) -> Option<String> {
    let (mantissa, exponent) = word.split_once(['e', 'E']).unwrap_or((word, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let zeros = exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros <= 20)?;
    Some(format!("{whole}{fraction}{}", "0".repeat(zeros)))
}

/// The place of an item that a server numbers, as it is written without signs and leading zeros.
pub(crate) fn place(name: &str) -> Option<u64> {
    name.parse().ok().filter(|it: &u64| it.to_string() == name)
}
