//! apk's record of what is installed (apk(8); apk-package(5) for the letters): paragraphs of lines
//! `P:name`, `V:version`, `A:architecture`, `L:licence`, `o:origin`, `m:maintainer`.

use dockward_model::facts::Origin;
use dockward_model::inventory::{Package, PackageKind, SourcePackage};

use crate::Cataloged;

/// Where apk keeps its packages; from apk 3 on it lies below /usr.
pub const INSTALLED: [&str; 2] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// Reads a record: the file at `path` below a root, without a leading `/`.
#[must_use]
pub fn read(path: &str, record: &[u8]) -> Cataloged {
    let mut found = Cataloged::default();
    let mut package = Package::default();
    let lines = record.split(|&byte| byte == b'\n').chain([&b""[..]]);
    for (line, number) in lines.zip(1..) {
        match std::str::from_utf8(line) {
            Ok("") => finish(path, std::mem::take(&mut package), &mut found),
            Ok(line) => take(path, line, number, &mut package),
            Err(_) => found.problem(path, format!("line {number} is not UTF-8")),
        }
    }
    found
}

fn take(path: &str, line: &str, number: u32, package: &mut Package) {
    match line.split_once(':') {
        Some(("P", name)) => {
            name.clone_into(&mut package.name);
            package.origin = Origin::file(format!("/{path}"), Some(number));
        }
        Some(("V", version)) => version.clone_into(&mut package.version),
        Some(("A", architecture)) => architecture.clone_into(&mut package.architecture),
        Some(("L", licence)) if !licence.is_empty() => package.licences.push(licence.to_owned()),
        Some(("m", maintainer)) => maintainer.clone_into(&mut package.vendor),
        Some(("o", origin)) if !origin.is_empty() => {
            package.source = Some(SourcePackage { name: origin.to_owned(), version: None });
        }
        _ => {}
    }
}

fn finish(path: &str, mut package: Package, found: &mut Cataloged) {
    package.kind = PackageKind::Apk;
    match (package.name.is_empty(), package.version.is_empty()) {
        (true, true) => {}
        (false, false) => {
            package.source.take_if(|source| source.name == package.name);
            found.packages.push(package);
        }
        (true, false) => found.problem(path, "a package without a name"),
        (false, true) => {
            found.problem(path, format!("{} has no version", package.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "lib/apk/db/installed";

    #[test]
    fn a_package_is_told_with_its_origin() {
        let record = b"C:Q1abc=\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\nL:Apache-2.0\n\
            o:openssl\nm:Ariadne <a@example.org>\nF:lib\nR:libcrypto.so.3\n\nP:musl\nV:1.2.4-r2\no:musl\n";
        let found = read(PATH, record);
        let [crypto, musl] = &*found.packages else { panic!("{found:?}") };
        assert_eq!((&*crypto.name, &*crypto.version), ("libcrypto3", "3.1.4-r5"));
        assert_eq!(crypto.source_name(), "openssl");
        assert_eq!(crypto.licences, ["Apache-2.0"]);
        assert_eq!(crypto.origin.to_string(), "/lib/apk/db/installed:2");
        assert_eq!(
            (&musl.source, musl.origin.to_string()),
            (&None, "/lib/apk/db/installed:11".into())
        );
        assert_eq!(found.problems, []);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_rest_is_read() {
        let found = read(PATH, b"P:a\nV:1\nL:\xff\n\nP:b\n\nV:2\n\nP:c\nV:3");
        let names: Vec<_> = found.packages.iter().map(|package| &*package.name).collect();
        assert_eq!(names, ["a", "c"]);
        let whys: Vec<_> = found.problems.iter().map(|problem| &*problem.why).collect();
        assert_eq!(whys, ["line 3 is not UTF-8", "b has no version", "a package without a name"]);
    }
}
