//! The page of a rule.

use std::io;

use dockward_model::verdict::{Framework, Meta};

use super::ink::{self, BOLD, DIM, Ink, PLAIN};

pub(super) fn write(meta: &Meta, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.line(&[(BOLD, meta.id)])?;
    ink.wrapped("", PLAIN, meta.title)?;
    let severity = format!("{}", meta.severity);
    ink.line(&[
        (PLAIN, "severity "),
        (ink::severity(meta.severity), &severity),
        (PLAIN, ", area "),
        (PLAIN, meta.area.name()),
    ])?;
    maps(meta, ink)?;
    for paragraph in paragraphs(meta.doc) {
        ink.blank()?;
        match paragraph.strip_prefix("## ") {
            Some(heading) => ink.line(&[(BOLD, heading)])?,
            None if paragraph.starts_with("    ") => verbatim(&paragraph, ink)?,
            None => ink.wrapped("", PLAIN, &paragraph)?,
        }
    }
    Ok(())
}

fn maps(meta: &Meta, ink: &mut Ink<'_>) -> io::Result<()> {
    let numbers = |framework: Framework| {
        let of = meta.maps.iter().filter(|map| map.framework == framework);
        of.map(|map| map.number).collect::<Vec<_>>().join(", ")
    };
    for framework in [Framework::Cis16, Framework::Cis18] {
        let numbers = numbers(framework);
        if !numbers.is_empty() {
            let text = format!("{} {numbers} (map made from secondary sources)", framework.name());
            ink.line(&[(DIM, &text)])?;
        }
    }
    Ok(())
}

fn verbatim(paragraph: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    for line in paragraph.lines() {
        ink.line(&[(PLAIN, line)])?;
    }
    Ok(())
}

/// The doc comment's paragraphs: each heading is one, fenced or indented code stays in lines.
fn paragraphs(doc: &str) -> Vec<String> {
    let (mut done, mut now, mut fenced) = (Vec::new(), String::new(), false);
    for line in doc.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            fenced = !fenced;
            done.push(std::mem::take(&mut now));
        } else if fenced {
            now.push_str(&format!("    {line}\n"));
        } else if line.trim().is_empty() {
            done.push(std::mem::take(&mut now));
        } else if line.starts_with("## ") {
            done.push(std::mem::take(&mut now));
            done.push(line.to_owned());
        } else if line.starts_with("- ") {
            done.push(std::mem::replace(&mut now, line.to_owned()));
        } else {
            now.push_str(if now.is_empty() { "" } else { " " });
            now.push_str(line);
        }
    }
    done.push(now);
    done.retain(|p| !p.trim().is_empty());
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doc_comment_is_cut_into_paragraphs() {
        let doc = " ## Why\n One\n two.\n\n - a\n - b\n ```\n x:\n   y\n ```\n";
        assert_eq!(paragraphs(doc), ["## Why", "One two.", "- a", "- b", "    x:\n      y\n"]);
    }
}
