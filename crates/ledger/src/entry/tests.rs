use super::*;

#[test]
fn each_kind_is_read_as_it_was_written_and_stays_as_it_is() {
    let lines = include_str!("kinds.jsonl");
    for (seq, line) in (0..).zip(lines.lines()) {
        let entry = Entry::parse(line.as_bytes()).unwrap_or_else(|why| panic!("{line}: {why}"));
        assert_eq!(entry.seq, seq);
        assert_eq!(serde_json::to_string(&entry).unwrap(), line);
        let event = serde_json::to_vec(&entry.event).unwrap();
        assert_eq!(Entry::line(seq, entry.time, &event), line.as_bytes());
    }
    assert_eq!(lines.lines().count(), 14);
}

#[test]
fn an_entry_of_another_version_or_with_what_nobody_could_write_is_refused() {
    let line = include_str!("kinds.jsonl").lines().next().unwrap();
    assert!(Entry::parse(line.replace("\"v\":1", "\"v\":2").as_bytes()).is_err());
    assert!(Entry::parse(line.replace("\"anna\"", "\"an\\u0007\"").as_bytes()).is_err());
    assert!(Entry::parse(line.replace("\"allow\"", "\"maybe\"").as_bytes()).is_err());
    assert!(Entry::parse(&line.as_bytes()[..40]).is_err());
}

/// What `dockward ledger show --format json` prints.
#[derive(schemars::JsonSchema)]
#[allow(dead_code, reason = "only its form counts")]
struct LedgerV1 {
    /// Always `dockward.ledger/1`.
    schema: String,
    /// What was recorded and asked for, in order.
    entries: Vec<Entry>,
    /// Whether no entry was missing or could not be read.
    complete: bool,
}

/// The published file is made here: run with `UPDATE_SCHEMAS=1` after a change that is meant.
#[test]
fn the_published_schema_is_that_of_the_structs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/ledger-v1.schema.json");
    let schema = schemars::schema_for!(LedgerV1);
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(published == text, "{path} is stale: run this test with UPDATE_SCHEMAS=1");
    let schema = jsonschema::validator_for(&serde_json::to_value(schema).unwrap()).unwrap();
    let lines = include_str!("kinds.jsonl").lines();
    let entries: Vec<serde_json::Value> =
        lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown = serde_json::json!({
        "schema": "dockward.ledger/1", "entries": entries, "complete": true
    });
    assert!(schema.is_valid(&shown), "{:?}", schema.iter_errors(&shown).next());
}

/// 100 texts of 256 bytes that each need a backslash are far from what a leaf may have.
#[test]
fn the_longest_entry_fits_a_bundle() {
    let quotes = "\"".repeat(300);
    let (text, texts) = (Text::new(&quotes), Texts::new((0..99).map(|_| &*quotes)));
    let caller = Caller { name: text.clone(), uid: Some(u32::MAX), container: Some(text.clone()) };
    let event = Event::Decision(Decision {
        caller,
        pid: Some(u32::MAX),
        operation: text.clone(),
        resources: texts.clone(),
        image: Some(text.clone()),
        verdict: Verdict::Observed,
        rules: texts,
        reason: Some(text),
        digest: Some(Digest([255; 32])),
    });
    let event = serde_json::to_vec(&event).unwrap();
    assert!(Entry::line(u64::MAX, Timestamp::MAX, &event).len() < crate::layout::LONGEST_ENTRY);
}
