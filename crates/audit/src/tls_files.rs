//! The files with which an engine speaks TLS, where it does on a TCP address.

use dockward_model::facts::{Daemon, Engine, Fact, Field, Host, ListenerAuth, Snapshot, TlsFile};
use dockward_model::verdict::Outcome;

use crate::lookup;

/// Judges the path of such a file, and the user to whom it may belong.
pub(crate) fn judge(
    snapshot: &Snapshot,
    engine: &Engine,
    field: &Field<TlsFile>,
    by: impl Fn(&Host, &[&str], u32) -> Outcome,
) -> Outcome {
    judge_content(&engine.daemon, field, |file| match lookup::engine_uid(&engine.daemon) {
        Fact::Known(uid) => by(&snapshot.host, &[&file.path], uid),
        Fact::Unknown(why) => Outcome::Unknown(why),
        Fact::Absent => Outcome::Unknown("who the engine runs as was not seen".into()),
    })
}

/// Judges such a file itself.
pub(crate) fn judge_content(
    daemon: &Daemon,
    field: &Field<TlsFile>,
    by: impl Fn(&TlsFile) -> Outcome,
) -> Outcome {
    match speaks_tls(daemon) {
        Fact::Known(()) => field.judge(not_used("the engine uses no such file"), by),
        Fact::Absent => not_used("the engine has no TCP address with TLS"),
        Fact::Unknown(why) => Outcome::Unknown(why),
    }
}

fn not_used(why: &str) -> Outcome {
    Outcome::NotApplicable(why.into())
}

/// Whether it does, on any address.
fn speaks_tls(daemon: &Daemon) -> Fact<()> {
    let Some(listeners) = daemon.listeners.get() else {
        return daemon.listeners.fact.map(|_| ());
    };
    let mut found = Fact::Absent;
    for listener in listeners.iter().filter(|l| l.address.starts_with("tcp://")) {
        match &listener.authentication {
            ListenerAuth::ServerOnly | ListenerAuth::ClientCertificates => return Fact::Known(()),
            ListenerAuth::Unknown(why) => found = Fact::Unknown(why.clone()),
            ListenerAuth::None | ListenerAuth::FileMode => {}
        }
    }
    found
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::judged::{
        assert_not_applicable, assert_passes, assert_unknown, engine_with, file, host_with,
        snapshot_with,
    };
    use dockward_model::facts::{FileFacts, Listener, Origin, sample};

    /// Where the file of all tests lies.
    pub(crate) const PATH: &str = "/etc/docker/tls/file.pem";

    /// An engine that speaks TLS with this one file, be it certificate, key or authority.
    pub(crate) fn engine(authentication: ListenerAuth) -> Engine {
        let listener = Listener {
            address: "tcp://0.0.0.0:2376".into(),
            authentication,
            origin: Origin::Nowhere,
        };
        engine_with(|e| {
            e.daemon.listeners = sample::known(vec![listener], "hosts");
            let tls = &mut e.daemon.tls;
            for field in [&mut tls.authority, &mut tls.certificate, &mut tls.key] {
                *field = sample::known(TlsFile { path: PATH.into(), ..TlsFile::default() }, "");
            }
        })
    }

    /// A host on which the file is this.
    pub(crate) fn host(file: Field<FileFacts>) -> Snapshot {
        snapshot_with(|s| s.host = host_with(PATH, file))
    }

    /// What each check of such a file must say where there is none to judge, or where none was
    /// seen.
    pub(crate) fn assert_asks_only_where_tls_is(judge: fn(&Snapshot, &Engine) -> Outcome) {
        let found = host(file(0o400, 0, 0));
        let with_tls = || engine(ListenerAuth::ClientCertificates);
        assert_passes(judge(&found, &with_tls()));
        assert_not_applicable(judge(&found, &engine(ListenerAuth::None)));
        let absent = host(Field::absent(Origin::file(PATH, None)));
        assert_not_applicable(judge(&absent, &with_tls()));

        assert_unknown(judge(&found, &engine_with(|_| {})));
        assert_unknown(judge(&found, &engine(ListenerAuth::Unknown("tls is odd".into()))));
        assert_unknown(judge(&snapshot_with(|_| {}), &with_tls()));
        let unread = |set: fn(&mut Engine)| {
            let mut engine = with_tls();
            set(&mut engine);
            judge(&found, &engine)
        };
        assert_unknown(unread(|e| e.daemon.tls = dockward_model::facts::TlsFiles::default()));
        let none = || Field::absent(Origin::default_of("tlscacert"));
        let mut engine = with_tls();
        let tls = &mut engine.daemon.tls;
        (tls.authority, tls.certificate, tls.key) = (none(), none(), none());
        assert_not_applicable(judge(&found, &engine));
    }
}
