//! From the report to its published form.

use dockward_model::facts::{Origin, Sight, Unseen};
use dockward_model::verdict::{
    AttackPath, Cut, EngineSummary, Evidence, Finding, Framework, HostSummary, Level, Meta, Report,
    Row, Status, Step, Subject, Table, Tally, Waived, WaiverNote,
};

use super::{
    BenchmarkV1, CutV1, EngineV1, EvidenceV1, FindingV1, HostV1, PathV1, ReportV1, RowV1, RuleV1,
    SCHEMA, StepV1, SubjectV1, TallyV1, UnseenV1, WaivedV1, WaiverNoteV1,
};

impl<'a> From<&'a Report> for ReportV1<'a> {
    fn from(r: &'a Report) -> Self {
        Self {
            schema: SCHEMA,
            dockward: &r.version,
            now: r.now.to_string(),
            complete: r.complete,
            example: r.example,
            host: (&r.host).into(),
            engines: r.engines.iter().map(Into::into).collect(),
            paths: r.paths.iter().map(Into::into).collect(),
            findings: r.findings.iter().map(Into::into).collect(),
            tally: r.tally.iter().map(|(area, t)| (area.name(), t.into())).collect(),
            unseen: r.unseen.iter().map(Into::into).collect(),
            waivers: r.waivers.iter().map(Into::into).collect(),
            rules: r.rules.iter().map(Into::into).collect(),
            benchmark: r.benchmark.as_ref().map(Into::into),
            news: r.news.as_ref().map(Into::into),
        }
    }
}

impl<'a> From<&'a Table> for BenchmarkV1<'a> {
    fn from(t: &'a Table) -> Self {
        let rows = t.rows.iter().map(Into::into).collect();
        Self { profile: &t.profile, name: t.benchmark, source: t.source, rows }
    }
}

impl<'a> From<&'a Row> for RowV1<'a> {
    fn from(r: &'a Row) -> Self {
        let (asked, counts) = (r.recommendation, r.counts);
        Self {
            number: asked.number,
            title: asked.title,
            level: asked.level,
            manual: asked.manual,
            answer: r.answer.name(),
            rules: &r.rules,
            fail: counts.fail,
            unknown: counts.unknown,
            review: counts.review,
            waived: counts.waived,
            pass: counts.pass,
            not_applicable: counts.not_applicable,
        }
    }
}

impl<'a> From<&'a HostSummary> for HostV1<'a> {
    fn from(h: &'a HostSummary) -> Self {
        let sight = match h.sight {
            Sight::Whole => "whole",
            Sight::Files => "files",
            Sight::Engine => "engine",
        };
        Self { name: &h.name, os: &h.os, kernel: &h.kernel, sight }
    }
}

impl<'a> From<&'a EngineSummary> for EngineV1<'a> {
    fn from(e: &'a EngineSummary) -> Self {
        Self {
            endpoint: &e.endpoint,
            flavour: Some(e.flavour.as_str()).filter(|name| !name.is_empty()),
            version: &e.version,
            rootless: e.rootless,
            containers: e.containers,
            running: e.running,
            images: e.images,
        }
    }
}

impl<'a> From<&'a AttackPath> for PathV1<'a> {
    fn from(p: &'a AttackPath) -> Self {
        Self {
            severity: p.severity.name(),
            stations: &p.stations,
            steps: p.steps.iter().map(Into::into).collect(),
            cut: (&p.cut).into(),
            also: p.also.iter().map(|rule| rule.as_str()).collect(),
            alike: &p.alike,
        }
    }
}

impl<'a> From<&'a Step> for StepV1<'a> {
    fn from(s: &'a Step) -> Self {
        Self {
            text: &s.text,
            rule: s.rule.as_ref().map(|rule| rule.as_str()),
            subject: s.subject.as_deref().map(Into::into),
            evidence: s.evidence.as_ref().map(Into::into),
        }
    }
}

impl<'a> From<&'a Cut> for CutV1<'a> {
    fn from(c: &'a Cut) -> Self {
        let subject = (&*c.subject).into();
        Self { text: &c.text, rule: c.rule.as_str(), subject, cuts: c.cuts }
    }
}

impl<'a> From<&'a Finding> for FindingV1<'a> {
    fn from(f: &'a Finding) -> Self {
        Self {
            rule: f.rule.as_str(),
            title: &f.title,
            area: f.area.name(),
            status: match f.status {
                Status::Fail => "fail",
                Status::Review => "review",
                Status::Unknown => "unknown",
            },
            severity: f.severity.name(),
            subject: (&*f.subject).into(),
            message: &f.message,
            evidence: f.evidence.iter().map(Into::into).collect(),
            fix: &f.fix,
            waived: f.waived.as_ref().map(Into::into),
        }
    }
}

impl<'a> From<&'a Subject> for SubjectV1<'a> {
    fn from(s: &'a Subject) -> Self {
        let (id, image) = match s {
            Subject::Container { id, image, .. } => (Some(id.0.as_str()), Some(image.as_str())),
            Subject::Service { id, image, .. } => (Some(id.as_str()), Some(image.as_str())),
            Subject::Image { id, .. } => (Some(id.0.as_str()), None),
            _ => (None, None),
        };
        let project = s.label("com.docker.compose.project");
        let service = s.label("com.docker.compose.service");
        let compose = project.zip(service).map(|(p, s)| format!("{p}/{s}"));
        Self { kind: s.kind(), name: s.name(), id, image, compose, engine: s.engine() }
    }
}

impl<'a> From<&'a Evidence> for EvidenceV1<'a> {
    fn from(e: &'a Evidence) -> Self {
        let (source, location, field, line) = match &e.origin {
            Origin::Api { endpoint, field } => ("api", endpoint.to_string(), &**field, None),
            Origin::Request { field } => ("request", String::new(), &**field, None),
            Origin::File { path, line } => ("file", path.to_string(), "", *line),
            Origin::Kernel { path, field } => ("kernel", path.to_string(), &**field, None),
            Origin::Argv { pid, flag } => ("argv", format!("/proc/{pid}/cmdline"), &**flag, None),
            Origin::Default { of } => ("default", String::new(), &**of, None),
            Origin::Nowhere => ("nowhere", String::new(), "", None),
        };
        let level = match e.level {
            Level::Configured => "configured",
            Level::Effective => "effective",
        };
        Self { source, location, field, line, seen: &e.seen, expected: &e.expected, level }
    }
}

impl<'a> From<&'a Waived> for WaivedV1<'a> {
    fn from(w: &'a Waived) -> Self {
        Self {
            owner: &w.owner,
            reason: &w.reason,
            until: w.until.as_deref(),
            at: w.origin.to_string(),
        }
    }
}

impl From<&Tally> for TallyV1 {
    fn from(t: &Tally) -> Self {
        Self {
            fail: t.fail.iter().map(|(severity, n)| (severity.name(), *n)).collect(),
            pass: t.pass,
            review: t.review,
            unknown: t.unknown,
            waived: t.waived,
            not_applicable: t.not_applicable,
        }
    }
}

impl<'a> From<&'a Unseen> for UnseenV1<'a> {
    fn from(u: &'a Unseen) -> Self {
        Self { what: &u.what, why: &u.why, hint: &u.hint }
    }
}

impl<'a> From<&'a WaiverNote> for WaiverNoteV1<'a> {
    fn from(n: &'a WaiverNote) -> Self {
        match n {
            WaiverNote::Expired { at, rule, until } => {
                Self { kind: "expired", at, rule, until: Some(until) }
            }
            WaiverNote::Unused { at, rule } => Self { kind: "unused", at, rule, until: None },
            WaiverNote::EndsSoon { at, rule, until } => {
                Self { kind: "ends-soon", at, rule, until: Some(until) }
            }
        }
    }
}

impl From<&Meta> for RuleV1 {
    fn from(m: &Meta) -> Self {
        let numbers = |framework| {
            m.maps.iter().filter(|map| map.framework == framework).map(|map| map.number).collect()
        };
        Self {
            id: m.id,
            title: m.title,
            severity: m.severity.name(),
            area: m.area.name(),
            cis_1_6: numbers(Framework::Cis16),
            cis_1_8: numbers(Framework::Cis18),
        }
    }
}
