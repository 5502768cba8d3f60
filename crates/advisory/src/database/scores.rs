//! What is known of a CVE number beside advisories: records of one length, ordered by number.

use dockward_model::inventory::{Exploited, Likelihood};
use jiff::civil::Date;

use super::bytes::Cursor;

/// The length of a record of [`super::layout::Kind::Exploited`], in bytes.
pub const EXPLOITED: usize = 20;
/// The length of a record of [`super::layout::Kind::Likely`], in bytes.
pub const LIKELY: usize = 16;
/// A day that is not known.
const NO_DAY: i32 = i32::MIN;

/// A CVE's number as one that can be ordered: the year, then the number within it.
#[must_use]
pub fn cve_number(id: &str) -> Option<u64> {
    let prefix = id.get(..4)?;
    let (year, number) = id.get(4..)?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let shaped = prefix.eq_ignore_ascii_case("CVE-")
        && year.len() == 4
        && (4..=10).contains(&number.len())
        && digits(year)
        && digits(number);
    if !shaped {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    Some((year.parse::<u64>().ok()? << 40) | number)
}

/// A record of [`super::layout::Kind::Exploited`].
#[must_use]
pub fn exploited_record(number: u64, facts: &Exploited) -> [u8; EXPLOITED] {
    let mut out = [0; EXPLOITED];
    let flags = u32::from(facts.ransomware);
    let due = facts.due.map_or(NO_DAY, day_number);
    let fields = number
        .to_le_bytes()
        .into_iter()
        .chain(day_number(facts.added).to_le_bytes())
        .chain(due.to_le_bytes())
        .chain(flags.to_le_bytes());
    for (to, from) in out.iter_mut().zip(fields) {
        *to = from;
    }
    out
}

/// A record of [`super::layout::Kind::Likely`].
#[must_use]
pub fn likely_record(number: u64, probability: f32, percentile: f32) -> [u8; LIKELY] {
    let mut out = [0; LIKELY];
    let fields = number
        .to_le_bytes()
        .into_iter()
        .chain(probability.to_le_bytes())
        .chain(percentile.to_le_bytes());
    for (to, from) in out.iter_mut().zip(fields) {
        *to = from;
    }
    out
}

pub(super) fn exploited(section: &[u8], id: &str) -> Option<Exploited> {
    let mut rest = Cursor(find::<EXPLOITED>(section, cve_number(id)?)?);
    let added = day(i32::from_le_bytes(rest.array().ok()?))?;
    let due = day(i32::from_le_bytes(rest.array().ok()?));
    let flags = u32::from_le_bytes(rest.array().ok()?);
    Some(Exploited { added, due, ransomware: flags & 1 == 1 })
}

pub(super) fn likelihood(section: &[u8], id: &str, day: Option<Date>) -> Option<Likelihood> {
    let mut rest = Cursor(find::<LIKELY>(section, cve_number(id)?)?);
    let mut share = || {
        let value = f32::from_le_bytes(rest.array().ok()?);
        (0.0..=1.0).contains(&value).then_some(value)
    };
    Some(Likelihood { probability: share()?, percentile: share()?, day })
}

/// What follows the number in its record.
fn find<const N: usize>(section: &[u8], number: u64) -> Option<&[u8]> {
    let (records, _) = section.as_chunks::<N>();
    let own = |record: &[u8; N]| record.first_chunk().map_or(0, |n| u64::from_le_bytes(*n));
    let at = records.binary_search_by_key(&number, own).ok()?;
    records.get(at)?.get(size_of::<u64>()..)
}

/// Days since the year 0, as this file counts them: any count would do, so long as it is one.
fn day_number(day: Date) -> i32 {
    (i32::from(day.year()) * 16 + i32::from(day.month())) * 32 + i32::from(day.day())
}

fn day(number: i32) -> Option<Date> {
    let year = i16::try_from(number.checked_div_euclid(512)?).ok()?;
    let month = i8::try_from(number.rem_euclid(512) / 32).ok()?;
    Date::new(year, month, i8::try_from(number.rem_euclid(32)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn cve_numbers_are_in_order_and_others_are_none() {
        assert!(cve_number("CVE-2021-0001") < cve_number("CVE-2021-12345"));
        assert!(cve_number("CVE-2020-99999") < cve_number("CVE-2021-0001"));
        assert_eq!(cve_number("cve-2021-0001"), cve_number("CVE-2021-0001"));
        for odd in
            ["", "CVE-", "CVE-2021-", "CVE-2021-1", "GHSA-2021-1234", "CVE-2021-1234a", "CVé"]
        {
            assert_eq!(cve_number(odd), None, "{odd}");
        }
    }

    #[test]
    fn records_come_back_as_they_were() {
        let facts = |due| Exploited { added: date(2021, 11, 3), due, ransomware: true };
        for facts in [facts(None), facts(Some(date(2022, 5, 1)))] {
            let number = cve_number("CVE-2021-44228").unwrap();
            let bytes = [exploited_record(1, &facts), exploited_record(number, &facts)].concat();
            assert_eq!(exploited(&bytes, "CVE-2021-44228"), Some(facts));
            assert_eq!(exploited(&bytes, "CVE-2021-44229"), None);
        }
        let bytes = likely_record(cve_number("CVE-2021-44228").unwrap(), 0.5, 0.75);
        let likely = likelihood(&bytes, "CVE-2021-44228", None).unwrap();
        assert_eq!((likely.probability, likely.percentile), (0.5, 0.75));
        let odd = likely_record(cve_number("CVE-2021-44228").unwrap(), f32::NAN, 0.75);
        assert_eq!(likelihood(&odd, "CVE-2021-44228", None), None);
    }
}
