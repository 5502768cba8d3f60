//! The words of a unit file (systemd.syntax(7)), as systemd reads them.

/// A line `Key=value`, with continuations joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
    /// Where it begins, counted from 1.
    pub(super) line: u32,
}

/// The assignments of a file in order. What is none, or stands before any section, is left out, as
/// systemd leaves it out.
pub(super) fn assignments(text: &str) -> Vec<Assignment> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut all = Vec::new();
    let mut section = String::new();
    let mut joined: Option<(String, u32)> = None;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim_start();
        // Comments may stand between the parts of one line.
        if line.starts_with(['#', ';']) {
            continue;
        }
        let (mut whole, begun) = joined.take().unwrap_or((String::new(), number));
        whole.push_str(line);
        if ends_in_backslash(line) {
            whole.pop();
            whole.push(' ');
            joined = Some((whole, begun));
        } else {
            take(&whole, begun, &mut section, &mut all);
        }
    }
    if let Some((whole, begun)) = joined {
        take(&whole, begun, &mut section, &mut all);
    }
    all
}

/// An even number of backslashes are backslashes that are escaped themselves.
fn ends_in_backslash(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn take(whole: &str, line: u32, section: &mut String, all: &mut Vec<Assignment>) {
    let whole = whole.trim();
    if let Some(header) = whole.strip_prefix('[') {
        header.strip_suffix(']').unwrap_or_default().clone_into(section);
    } else if let Some((key, value)) = whole.split_once('=')
        && !section.is_empty()
    {
        all.push(Assignment {
            section: section.clone(),
            key: key.trim_end().to_owned(),
            value: value.trim_start().to_owned(),
            line,
        });
    }
}

/// A value as words: parted by white space, `'` and `"` group, C escapes are read.
pub(super) fn words(value: &str) -> Vec<String> {
    marked_words(value).into_iter().map(|(word, _)| word).collect()
}

/// Words, and whether each was written just so, without a quote or an escape.
fn marked_words(value: &str) -> Vec<(String, bool)> {
    let (mut words, mut word, mut plain) = (Vec::new(), None::<String>, true);
    let (mut quote, mut chars) = (None, value.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                plain = false;
                word.get_or_insert_default().push_str(&escaped(&mut chars));
            }
            _ if quote == Some(c) => quote = None,
            '"' | '\'' if quote.is_none() => {
                (quote, plain) = (Some(c), false);
                word.get_or_insert_default();
            }
            _ if quote.is_none() && c.is_ascii_whitespace() => {
                words.extend(word.take().map(|word| (word, plain)));
                plain = true;
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word.map(|word| (word, plain)));
    words
}

/// What stands behind a backslash (systemd.syntax(7), "Quoting"); what is no escape stays.
fn escaped(chars: &mut std::str::Chars<'_>) -> String {
    let Some(c) = chars.next() else { return "\\".into() };
    let simple = match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        's' => ' ',
        '\\' | '"' | '\'' => c,
        'x' => return coded(chars, "x", 2, 16),
        'u' => return coded(chars, "u", 4, 16),
        'U' => return coded(chars, "U", 8, 16),
        '0'..='7' => {
            let rest = chars.as_str();
            let first = std::iter::once(c).chain(rest.chars().take(2));
            let digits: String = first.collect();
            return number(&digits, 3, 8).map_or_else(
                || format!("\\{c}"),
                |found| {
                    chars.nth(1);
                    found.to_string()
                },
            );
        }
        other => return format!("\\{other}"),
    };
    simple.to_string()
}

fn coded(chars: &mut std::str::Chars<'_>, letter: &str, length: usize, radix: u32) -> String {
    let digits: String = chars.as_str().chars().take(length).collect();
    let Some(found) = number(&digits, length, radix) else { return format!("\\{letter}") };
    chars.nth(length - 1);
    found.to_string()
}

fn number(digits: &str, length: usize, radix: u32) -> Option<char> {
    let whole = digits.len() == length && digits.chars().all(|c| c.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| whole)?;
    char::from_u32(code).filter(|c| *c != '\0')
}

/// The commands of an `ExecStart=` value (systemd.service(5), "Command lines"): the prefixes are
/// taken off, a lone `;` parts commands. With `@` the second word is what the process calls itself.
pub(super) fn commands(value: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    for (word, plain) in marked_words(value) {
        match commands.last_mut() {
            _ if plain && word == ";" => commands.push(Vec::new()),
            Some(command) if word == "\\;" => command.push(";".into()),
            Some(command) => command.push(word),
            None => {}
        }
    }
    commands.into_iter().map(without_prefix).filter(|command| !command.is_empty()).collect()
}

fn without_prefix(mut command: Vec<String>) -> Vec<String> {
    let Some(first) = command.first_mut() else { return command };
    let program = first.trim_start_matches(['@', '-', ':', '+', '!', '|']).to_owned();
    let renamed = first.strip_suffix(&program).is_some_and(|prefix| prefix.contains('@'));
    *first = program;
    if renamed && command.len() > 1 {
        command.remove(1);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, u32)> {
        assignments(text).into_iter().map(|a| (a.key, a.value, a.line)).collect()
    }

    #[test]
    fn lines_are_joined_and_comments_left_out_even_between() {
        let text = "\u{feff}A=lost\n[Service]\n# c\n  ; d\nExecStart = /bin/a \\\n# between\n  \
                    --flag \\\n\nB=\n=c\nno assignment\nC=x\\\\\nD=y\\";
        let expected = [
            ("ExecStart", "/bin/a  --flag", 5),
            ("B", "", 9),
            ("", "c", 10),
            ("C", "x\\\\", 12),
            ("D", "y", 13),
        ];
        assert_eq!(read(text), expected.map(|(k, v, l)| (k.to_owned(), v.to_owned(), l)));
    }

    #[test]
    fn a_broken_header_ends_the_section_before() {
        assert_eq!(read("[Service\nA=1\n[Service]\nA=2\n"), [("A".into(), "2".into(), 4)]);
    }

    #[test]
    fn words_are_quoted_and_escaped_as_systemd_does() {
        for (value, expected) in [
            (r#"a "b c" 'd "e"' f"#, vec!["a", "b c", "d \"e\"", "f"]),
            (r#""A=1 2" B='3' """#, vec!["A=1 2", "B=3", ""]),
            (r"a\x20b \s\t\101\u00e9 \q \x0", vec!["a b", " \tAé", "\\q", "\\x0"]),
            (r#"open "end"#, vec!["open", "end"]),
            ("\\", vec!["\\"]),
            ("  ", vec![]),
        ] {
            assert_eq!(words(value), expected, "{value}");
        }
    }

    #[test]
    fn commands_lose_their_prefixes_and_are_parted_by_a_lone_semicolon() {
        let read = |value| commands(value).iter().map(|c| c.join("|")).collect::<Vec<_>>();
        assert_eq!(read("-/bin/a x ; !!/bin/b y"), ["/bin/a|x", "/bin/b|y"]);
        assert_eq!(read("@/bin/a called x"), ["/bin/a|x"]);
        assert_eq!(read(r#":+/bin/a ";" \;"#), ["/bin/a|;|;"]);
        assert_eq!(read("; ;"), Vec::<String>::new());
    }
}
