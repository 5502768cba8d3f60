//! The records, read on their own: what each says of a release's package, and the same as rows of Trivy's database.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use dockward_feed::Zip;
use serde_json::{Value, json};

use crate::bolt::{self, Bucket, Entry};

const LARGEST: usize = 64 << 20;

/// What one record says of a package in a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The record's id.
    pub id: String,
    /// When it was published, as it is written.
    pub published: String,
    /// Every event of its ranges: `introduced`, `fixed` or `last_affected`, and the version.
    pub events: Vec<(String, String)>,
    /// Streams of modules that its summary names, where a fix is a module's build.
    pub streams: Vec<String>,
    /// A word about it: `not-affected`, `untriaged`, `withdrawn`, or none.
    pub word: &'static str,
}

impl Said {
    /// The versions that mend it.
    pub fn fixes(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter(|(kind, _)| kind == "fixed").map(|(_, version)| version.as_str())
    }
}

/// A release of a distribution: of each package and each of its weaknesses, what every record says.
pub type Release = BTreeMap<String, BTreeMap<String, Vec<Said>>>;

/// All records by release.
#[derive(Debug, Default)]
pub struct Records {
    /// By OSV's name of the release: `Debian:11`.
    pub releases: BTreeMap<String, Release>,
}

impl Records {
    /// Reads the named ecosystems of a bucket's copy, and records that lie in files of their own.
    ///
    /// # Errors
    ///
    /// Something can't be read.
    pub fn read(bucket: &Path, ecosystems: &[&str], more: &[String]) -> Result<Self> {
        let mut records = Self::default();
        for ecosystem in ecosystems {
            let path = bucket.join(ecosystem).join("all.zip");
            let file = File::open(&path).with_context(|| path.display().to_string())?;
            let mut zip = Zip::open(file, LARGEST)?;
            while let Some(entry) = zip.entry()? {
                records.add(&serde_json::from_slice(&entry.bytes?)?);
            }
        }
        for text in more {
            records.add(&serde_json::from_str(text)?);
        }
        Ok(records)
    }

    fn add(&mut self, record: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let weaknesses = weaknesses(record);
        let said = Said {
            id: text(&record["id"]),
            published: text(&record["published"]),
            word: if record["withdrawn"].is_string() { "withdrawn" } else { "" },
            ..Said::default()
        };
        for affected in list(&record["affected"]) {
            let events = events(affected);
            let modular = events.iter().any(|(_, version)| version.contains(".module"));
            let streams = if modular { streams(&text(&record["summary"])) } else { Vec::new() };
            let package = &affected["package"];
            let said = Said { events, streams, ..said.clone() };
            self.say(&text(&package["ecosystem"]), &text(&package["name"]), &weaknesses, &said);
        }
        let words = &record["database_specific"];
        for one in list(&words["not_affected"]) {
            let said = Said { word: "not-affected", ..said.clone() };
            self.say(&text(&one["ecosystem"]), &text(&one["name"]), &weaknesses, &said);
        }
        for one in list(&words["untriaged"]).iter().filter_map(|one| one.as_str()) {
            let said = Said { word: "untriaged", ..said.clone() };
            if let Some((release, name)) = one.rsplit_once('/') {
                self.say(release, name, &weaknesses, &said);
            }
        }
    }

    fn say(&mut self, release: &str, name: &str, weaknesses: &BTreeSet<String>, said: &Said) {
        let package =
            self.releases.entry(release.into()).or_default().entry(name.into()).or_default();
        for weakness in weaknesses {
            package.entry(weakness.clone()).or_default().push(said.clone());
        }
    }

    /// The same as a database of Trivy's. `buckets` are the releases with Trivy's names of them.
    ///
    /// Trivy keeps one value for each package and weakness: that of the newest record, as its own database has it.
    ///
    /// # Errors
    ///
    /// A bucket is too large.
    pub fn for_trivy(&self, buckets: &[(&str, &str)]) -> Result<Vec<u8>> {
        let (mut root, mut all) = (Bucket::new(), BTreeSet::new());
        let mut sources = Bucket::new();
        for (release, bucket) in buckets {
            let mut packages: BTreeMap<String, BTreeMap<&str, &Said>> = BTreeMap::new();
            for (name, weakness, said) in self.said(release) {
                for key in keys(name, said) {
                    let row = packages.entry(key).or_default().entry(weakness).or_insert(said);
                    if (&row.published, &row.id) < (&said.published, &said.id) {
                        *row = said;
                    }
                }
                all.insert(weakness);
            }
            let rows =
                packages.into_iter().map(|(name, rows)| (name, Entry::Bucket(values(&rows))));
            root.insert((*bucket).to_owned(), Entry::Bucket(rows.collect()));
            let id = bucket.split(' ').next().unwrap_or_default();
            let source = json!({"ID": id, "Name": bucket, "URL": "https://example.com/"});
            sources.insert((*bucket).to_owned(), Entry::Value(source.to_string()));
        }
        let facts =
            |id: &str| (id.to_owned(), Entry::Value(json!({"Severity": "HIGH"}).to_string()));
        root.insert("vulnerability".into(), Entry::Bucket(all.into_iter().map(facts).collect()));
        root.insert("data-source".into(), Entry::Bucket(sources));
        bolt::file(&root)
    }

    /// What Trivy's database takes of a release: not what is withdrawn, not affected or not looked into.
    fn said(&self, release: &str) -> impl Iterator<Item = (&str, &str, &Said)> {
        let packages = self.releases.get(release).into_iter().flatten();
        packages.flat_map(|(name, weaknesses)| {
            weaknesses.iter().flat_map(move |(weakness, said)| {
                let taken = said.iter().filter(|said| said.word.is_empty());
                taken.map(move |said| (name.as_str(), weakness.as_str(), said))
            })
        })
    }
}

/// A package's key: its name, with the stream before it where the build is a module's.
fn keys(name: &str, said: &Said) -> Vec<String> {
    if said.streams.is_empty() {
        return vec![name.to_owned()];
    }
    said.streams.iter().map(|stream| format!("{stream}::{name}")).collect()
}

fn values(rows: &BTreeMap<&str, &Said>) -> Bucket {
    let value = |said: &Said| json!({"FixedVersion": said.fixes().last().unwrap_or_default()});
    let entry =
        |(id, said): (&&str, &&Said)| ((*id).to_owned(), Entry::Value(value(said).to_string()));
    rows.iter().map(entry).collect()
}

/// What a record is about: CVEs, else the advisory itself. Alma numbers bug fixes as well: those are no weakness.
fn weaknesses(record: &Value) -> BTreeSet<String> {
    let cves = |field: &str| {
        let names = list(&record[field]).iter().filter_map(|name| name.as_str());
        names.filter(|name| name.starts_with("CVE-")).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut found: BTreeSet<String> =
        [cves("upstream"), cves("aliases")].concat().into_iter().collect();
    if found.is_empty() {
        found.extend(cves("related"));
    }
    let id = record["id"].as_str().unwrap_or_default();
    let is_update = id.starts_with("ALBA-") || id.starts_with("ALEA-");
    if found.is_empty() && !is_update {
        found.insert(id.to_owned());
    }
    found
}

fn events(affected: &Value) -> Vec<(String, String)> {
    let ranges = list(&affected["ranges"]).iter();
    let events = ranges.flat_map(|range| list(&range["events"])).filter_map(Value::as_object);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    events.flatten().map(|(kind, version)| (kind.clone(), text(version))).collect()
}

/// `nodejs:20` in `nodejs:20 security update`.
fn streams(summary: &str) -> Vec<String> {
    let is_stream = |word: &&str| {
        let parts: Vec<&str> = word.split(':').collect();
        parts.len() == 2 && parts.iter().all(|part| !part.is_empty()) && !word.contains("SA-")
    };
    summary.split(' ').filter(is_stream).map(str::to_owned).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
