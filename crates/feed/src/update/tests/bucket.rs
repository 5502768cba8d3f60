use super::*;

/// A bucket of made-up feeds, and the database that is kept of it.
pub(super) struct Bucket {
    pub(super) folder: tempfile::TempDir,
    pub(super) client: Client,
}

impl Bucket {
    pub(super) fn new() -> Self {
        let bucket = Self { folder: tempfile::tempdir().unwrap(), client: client() };
        bucket.publish("Debian", &[("D-1", 1), ("D-2", 2), ("D-3", 3)]);
        bucket.publish("Alpine", &[("A-1", 1), ("A-2", 2)]);
        bucket.kev(5);
        bucket
    }

    pub(super) fn osv(&self) -> std::path::PathBuf {
        self.folder.path().join("web")
    }

    pub(super) fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("here/advisories.db")
    }

    pub(super) fn kev(&self, day: u8) {
        let text = format!(
            r#"{{"catalogVersion":"1","dateReleased":"2026-02-{day:02}T00:00:00Z","vulnerabilities":[{{"cveID":"CVE-2024-0001","dateAdded":"2024-01-01"}}]}}"#
        );
        fs::write(self.osv().join("kev.json"), text).unwrap();
    }

    /// All of an ecosystem: zip, list, and each record.
    pub(super) fn publish(&self, name: &str, records: &[(&str, u8)]) {
        self.zip(name, records);
        self.list(name, records);
        for (id, day) in records {
            fs::write(self.osv().join(name).join(format!("{id}.json")), record(name, id, *day))
                .unwrap();
        }
    }

    pub(super) fn zip(&self, name: &str, records: &[(&str, u8)]) {
        let folder = self.osv().join(name);
        fs::create_dir_all(&folder).unwrap();
        let nothing = self.folder.path().join("nothing.zip");
        fs::write(&nothing, b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap();
        let fresh: BTreeMap<_, _> =
            records.iter().map(|(id, day)| ((*id).to_owned(), record(name, id, *day))).collect();
        repack(&nothing, &fresh, &[], &folder.join("all.zip")).unwrap();
    }

    pub(super) fn list(&self, name: &str, records: &[(&str, u8)]) {
        let lines = records.iter().map(|(id, day)| format!("2026-01-{day:02}T00:00:00.5Z,{id}\n"));
        fs::write(self.osv().join(name).join("modified_id.csv"), lines.collect::<String>())
            .unwrap();
    }

    pub(super) fn serve(&self) -> FileServer {
        let folder = self.osv();
        FileServer::start(move |asked| Answer::file(asked, &folder)).unwrap()
    }

    pub(super) fn plan(&self, base: &str) -> Plan {
        fs::create_dir_all(self.folder.path().join("here")).unwrap();
        Plan {
            ecosystems: vec!["Debian".into(), "Alpine".into()],
            osv: Place::of(base),
            kev: Some(Place::of(&format!("{base}/kev.json"))),
            epss: None,
            database: self.database(),
            allow_older: false,
            now: now(),
        }
    }

    pub(super) fn update(&self, base: &str) -> Updated {
        update(&self.plan(base), &self.client, &mut |_| ()).unwrap()
    }

    /// What is here of an ecosystem: its zip itself, which the list beside it must agree with.
    pub(super) fn here(&self, name: &str) -> Vec<String> {
        let folder = mirror::folder_of(&self.database()).join("osv").join(name);
        let zip = held(&folder.join("all.zip")).unwrap();
        assert_eq!(Mirror::held(&folder).unwrap(), zip);
        zip.0.into_iter().map(|(id, time)| format!("{id} {}", time.strftime("%d"))).collect()
    }
}
