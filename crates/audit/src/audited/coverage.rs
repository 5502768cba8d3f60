//! What rules of the kernel's audit record of one file.
//!
//! The first rule that a call matches decides, over all lists (`prio` in kernel/auditfilter.c and
//! auditsc.c). A rule on a folder is about all below it, and about file systems that were mounted
//! there when it was loaded; a rule on a path is about what stands at it, not below.

use dockward_model::facts::{
    AuditList, AuditPermissions, AuditRule, AuditWatch, AuditWidth, Fact, RealPath,
};

/// How many rules are shown in one finding.
pub(super) const SHOWN: usize = 3;

/// What rules do for a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Coverage<'a> {
    /// All that is needed is recorded, by these rules, except for what those before them let pass.
    Whole { by: Vec<&'a AuditRule>, exceptions: Vec<&'a AuditRule> },
    /// It would be, but for this rule.
    Suppressed(&'a AuditRule),
    /// It is not, though some rules come near.
    Lacking(Vec<Near<'a>>),
    /// It can't be told.
    Undecided(String),
}

/// A rule that is about the file, and does not do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Near<'a> {
    pub(super) rule: &'a AuditRule,
    pub(super) why: String,
}

/// How the file that a rule is about lies to the one that is asked for.
enum Relation {
    /// It is that file, or a folder above it, or any file.
    About,
    /// It has to do with it, and is not about all of it.
    Part(String),
    /// Another one.
    Elsewhere,
    /// Could not be told.
    Unknown(String),
}

/// What `rules`, in order, record of accesses of the kinds `needed` to what stands at `place`,
/// which is called `path` by those who ask.
pub(super) fn coverage<'a>(
    rules: impl Iterator<Item = &'a AuditRule>,
    path: &str,
    place: &RealPath,
    needed: AuditPermissions,
) -> Coverage<'a> {
    let mut tally = Tally::new(path, place, needed);
    for rule in rules {
        match rule.list {
            AuditList::Exit if rule.always => tally.record(rule),
            AuditList::Exit => tally.let_pass(rule),
            AuditList::Task => tally.new_process(rule),
            AuditList::Exclude => tally.drop_records(rule),
            AuditList::Other => {}
        }
    }
    tally.end()
}

/// For 32-bit and 64-bit programs: kinds of access.
type Both = [AuditPermissions; 2];

struct Tally<'a, 'p> {
    path: &'p str,
    place: &'p RealPath,
    needed: AuditPermissions,
    /// What no rule has decided so far.
    open: Both,
    recorded: Both,
    by: Vec<&'a AuditRule>,
    near: Vec<Near<'a>>,
    exceptions: Vec<&'a AuditRule>,
    suppressed: Option<&'a AuditRule>,
    /// A rule before it audits every new process.
    all_processes: bool,
    undecided: Option<String>,
}

impl<'a, 'p> Tally<'a, 'p> {
    fn new(path: &'p str, place: &'p RealPath, needed: AuditPermissions) -> Self {
        Self {
            path,
            place,
            needed,
            open: [needed; 2],
            recorded: [AuditPermissions::NONE; 2],
            by: Vec::new(),
            near: Vec::new(),
            exceptions: Vec::new(),
            suppressed: None,
            all_processes: false,
            undecided: None,
        }
    }

    fn record(&mut self, rule: &'a AuditRule) {
        let kinds = match self.kinds(rule) {
            Ok(kinds) => kinds,
            Err(why) => return self.doubt(why),
        };
        let is_named = rule.watch.is_some();
        match self.relation(rule.watch.as_ref()) {
            Relation::About if rule.filters.is_empty() => {
                let taken = self.decide(rule.width, kinds);
                if taken {
                    self.by.push(rule);
                }
                if is_named && let Some(why) = self.shortcoming(rule, kinds) {
                    self.near.push(Near { rule, why });
                }
            }
            Relation::About if is_named => {
                let why = format!("only where {}", rule.filters.join(" and "));
                self.near.push(Near { rule, why });
            }
            Relation::Part(why) => self.near.push(Near { rule, why }),
            Relation::Unknown(why) => self.doubt(why),
            Relation::About | Relation::Elsewhere => {}
        }
    }

    /// Kinds of access of which the rule leaves no call out.
    fn kinds(&self, rule: &AuditRule) -> Result<AuditPermissions, String> {
        let asked = rule.permissions.and(self.needed);
        match rule.calls.as_ref().map(|calls| &calls.whole) {
            None => Ok(asked),
            Some(Fact::Known(whole)) => Ok(asked.and(*whole)),
            Some(Fact::Absent) => Ok(AuditPermissions::NONE),
            Some(Fact::Unknown(why)) => Err(format!("{}: {why}", rule.origin)),
        }
    }

    /// Takes what is still open as recorded; whether there was any.
    fn decide(&mut self, width: Option<AuditWidth>, kinds: AuditPermissions) -> bool {
        let mut any = false;
        for at in widths(width) {
            let new = self.open[at].and(kinds);
            any |= !new.is_empty();
            self.recorded[at] = self.recorded[at].with(new);
            self.open[at] = self.open[at].without(new);
        }
        any
    }

    fn shortcoming(&self, rule: &AuditRule, kinds: AuditPermissions) -> Option<String> {
        let lacks = self.needed.without(kinds);
        let unasked = self.needed.without(rule.permissions);
        if !unasked.is_empty() {
            Some(format!("leaves out {unasked} of {}", self.needed))
        } else if !lacks.is_empty() {
            Some(format!("leaves out calls by which {lacks} is done"))
        } else {
            match rule.width? {
                AuditWidth::Bits64 => Some("leaves out 32-bit programs".to_owned()),
                AuditWidth::Bits32 => Some("leaves out 64-bit programs".to_owned()),
            }
        }
    }

    fn let_pass(&mut self, rule: &'a AuditRule) {
        let touches = rule.calls.as_ref().is_none_or(|calls| calls.touches_files);
        let kinds = rule.permissions.and(self.needed);
        let is_open = widths(rule.width).any(|at| !self.open[at].and(kinds).is_empty());
        if !touches || !is_open {
            return;
        }
        match self.relation(rule.watch.as_ref()) {
            Relation::About if rule.filters.is_empty() && rule.calls.is_none() => {
                for at in widths(rule.width) {
                    self.open[at] = self.open[at].without(kinds);
                }
                self.suppressed = self.suppressed.or(Some(rule));
            }
            Relation::About => self.exceptions.push(rule),
            Relation::Part(_) if rule.watch.as_ref().is_some_and(|watch| !watch.is_link) => {
                self.exceptions.push(rule);
            }
            Relation::Unknown(why) => self.doubt(why),
            Relation::Part(_) | Relation::Elsewhere => {}
        }
    }

    /// A process that is not audited from its beginning records nothing.
    fn new_process(&mut self, rule: &'a AuditRule) {
        match (rule.always, rule.filters.is_empty()) {
            _ if self.all_processes => {}
            (true, true) => self.all_processes = true,
            (true, false) => {}
            (false, true) => self.stop(rule),
            (false, false) => self.exceptions.push(rule),
        }
    }

    /// Without its SYSCALL record, an event does not tell who did it.
    fn drop_records(&mut self, rule: &'a AuditRule) {
        let kinds: Vec<_> = rule.filters.iter().filter(|f| f.starts_with("msgtype")).collect();
        let is_about = kinds.iter().all(|kind| match kind.strip_prefix("msgtype=") {
            Some(name) => matches!(name, "SYSCALL" | "1300" | "PATH" | "1302"),
            None => true,
        });
        let whole = matches!(rule.filters.as_slice(), [only]
            if matches!(only.as_str(), "msgtype=SYSCALL" | "msgtype=1300"));
        if whole {
            self.stop(rule);
        } else if is_about {
            self.exceptions.push(rule);
        }
    }

    fn stop(&mut self, rule: &'a AuditRule) {
        self.open = [AuditPermissions::NONE; 2];
        self.recorded = [AuditPermissions::NONE; 2];
        self.suppressed = Some(rule);
    }

    fn doubt(&mut self, why: String) {
        self.undecided.get_or_insert(why);
    }

    fn relation(&self, watch: Option<&AuditWatch>) -> Relation {
        let Some(watch) = watch else { return Relation::About };
        let real = match &watch.real {
            Fact::Known(real) => real,
            Fact::Absent => return Relation::Elsewhere,
            Fact::Unknown(why) => return Relation::Unknown(format!("{}: {why}", watch.path)),
        };
        let (place, is_folder) = (&self.place.path, self.place.node == "dir");
        if watch.is_link {
            let is_its = real == self.path || watch.path == self.path;
            let why = format!("watches the symbolic link, not {place}");
            return if is_its { Relation::Part(why) } else { Relation::Elsewhere };
        }
        match (real == place, watch.recursive) {
            (true, false) if is_folder => {
                Relation::Part("watches the folder, not what is in it".to_owned())
            }
            (true, _) => Relation::About,
            (false, true) if is_below(place, real) => Relation::About,
            _ if is_folder && is_below(real, place) => {
                Relation::Part(format!("watches {} only", watch.path))
            }
            _ => Relation::Elsewhere,
        }
    }

    fn end(mut self) -> Coverage<'a> {
        if self.recorded.iter().all(|kinds| self.needed.without(*kinds).is_empty()) {
            return Coverage::Whole { by: self.by, exceptions: self.exceptions };
        }
        if let Some(why) = self.undecided {
            return Coverage::Undecided(why);
        }
        match self.suppressed {
            Some(rule) if self.open.iter().all(|kinds| kinds.is_empty()) => {
                Coverage::Suppressed(rule)
            }
            _ => {
                self.near.truncate(SHOWN);
                Coverage::Lacking(self.near)
            }
        }
    }
}

fn widths(width: Option<AuditWidth>) -> impl Iterator<Item = usize> {
    let (first, end) = match width {
        None => (0, 2),
        Some(AuditWidth::Bits32) => (0, 1),
        Some(AuditWidth::Bits64) => (1, 2),
    };
    first..end
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}
