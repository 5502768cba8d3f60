//! The commands of a shell script, as far as its text tells them (POSIX.1-2024, Shell Command
//! Language). Nothing is expanded: a variable stays `$NAME` in the word.

use std::iter::Peekable;
use std::str::Chars;

use super::{SHELLS, base_name};

/// How long a script may be to be read, in bytes.
pub const MAX_SCRIPT: usize = 64 * 1024;
/// How deep scripts may stand in scripts (`$(…)`, `sh -c`).
const MAX_DEPTH: usize = 12;

/// One simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments, quotes undone; without the variables set before it, and without
    /// `sudo`, `env`, `xargs` and the like.
    pub words: Vec<String>,
    /// Whether it reads what another command writes.
    pub reads_pipe: bool,
    /// Commands whose output it takes as words or files (`$(…)`, `<(…)`), and those of the script
    /// that it is given (`sh -c`).
    pub inner: Vec<Self>,
}

impl Command {
    /// The program's name without its folder; empty where there is none.
    #[must_use]
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| base_name(word))
    }

    /// What follows the program.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Whether one of the arguments is this.
    #[must_use]
    pub fn has(&self, argument: &str) -> bool {
        self.arguments().iter().any(|word| word == argument)
    }

    /// Whether it is a shell, which runs what it reads.
    #[must_use]
    pub fn is_shell(&self) -> bool {
        SHELLS.contains(&self.program())
    }

    /// Itself and all within it.
    pub fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        let mut at = 0;
        while let Some(command) = all.get(at).copied() {
            all.extend(&command.inner);
            at += 1;
        }
        all
    }
}

/// The commands of a script in their order.
pub(super) fn commands(text: &str) -> Result<Vec<Command>, &'static str> {
    read(text, 0)
}

fn read(text: &str, depth: usize) -> Result<Vec<Command>, &'static str> {
    if text.len() > MAX_SCRIPT {
        return Err("it is longer than 64 KiB");
    }
    let mut reader = Reader { chars: text.chars().peekable(), heredocs: Vec::new() };
    reader.script(None, depth)
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    /// The words that end the documents which begin after this line.
    heredocs: Vec<String>,
}

/// A script while it is read.
#[derive(Default)]
struct Script {
    done: Vec<Command>,
    now: Command,
    word: Option<String>,
    /// The next word is a file's name, not an argument.
    redirected: bool,
    /// The next word ends a document.
    ends_document: bool,
}

impl Script {
    fn word(&mut self) -> &mut String {
        self.word.get_or_insert_with(String::new)
    }

    fn end_word(&mut self, heredocs: &mut Vec<String>) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.ends_document) {
            heredocs.push(word);
        } else if !std::mem::take(&mut self.redirected) {
            self.now.words.push(word);
        }
    }

    fn end_command(
        &mut self,
        heredocs: &mut Vec<String>,
        depth: usize,
    ) -> Result<(), &'static str> {
        self.end_word(heredocs);
        self.redirected = false;
        let mut command = std::mem::take(&mut self.now);
        strip(&mut command.words);
        if command.is_shell()
            && let Some(script) = given_script(&command)
        {
            command.inner.extend(deeper(depth, |depth| read(&script, depth))?);
        }
        if !command.words.is_empty() || !command.inner.is_empty() {
            self.done.push(command);
        }
        Ok(())
    }
}

fn deeper<T>(
    depth: usize,
    read: impl FnOnce(usize) -> Result<T, &'static str>,
) -> Result<T, &'static str> {
    if depth < MAX_DEPTH { read(depth + 1) } else { Err("its scripts stand too deep in scripts") }
}

impl Reader<'_> {
    fn script(&mut self, until: Option<char>, depth: usize) -> Result<Vec<Command>, &'static str> {
        let mut s = Script::default();
        while let Some(c) = self.chars.next() {
            if Some(c) == until {
                break;
            }
            self.step(c, &mut s, depth)?;
        }
        s.end_command(&mut self.heredocs, depth)?;
        Ok(s.done)
    }

    fn step(&mut self, c: char, s: &mut Script, depth: usize) -> Result<(), &'static str> {
        match c {
            '\n' => {
                s.end_command(&mut self.heredocs, depth)?;
                self.skip_documents();
            }
            c if c.is_whitespace() => s.end_word(&mut self.heredocs),
            '&' if self.chars.peek() == Some(&'>') => s.end_word(&mut self.heredocs),
            ';' | '(' | ')' | '&' => {
                s.end_command(&mut self.heredocs, depth)?;
            }
            '|' => {
                s.end_command(&mut self.heredocs, depth)?;
                s.now.reads_pipe = !self.take('|');
                self.take('&');
            }
            '#' if s.word.is_none() => while self.chars.next_if(|c| *c != '\n').is_some() {},
            '<' | '>' => self.redirection(c, s, depth)?,
            _ => self.in_word(c, s, depth)?,
        }
        Ok(())
    }

    fn take(&mut self, c: char) -> bool {
        self.chars.next_if_eq(&c).is_some()
    }

    fn in_word(&mut self, c: char, s: &mut Script, depth: usize) -> Result<(), &'static str> {
        match c {
            '\'' => {
                s.word();
                while let Some(c) = self.chars.next_if(|c| *c != '\'') {
                    s.word().push(c);
                }
                self.take('\'');
            }
            '"' => self.double_quoted(s, depth)?,
            '\\' => match self.chars.next() {
                Some('\n') | None => {}
                Some(c) => s.word().push(c),
            },
            '$' => self.dollar(s, depth)?,
            '`' => self.nested('`', s, depth)?,
            c => s.word().push(c),
        }
        Ok(())
    }

    fn double_quoted(&mut self, s: &mut Script, depth: usize) -> Result<(), &'static str> {
        s.word();
        while let Some(c) = self.chars.next() {
            match c {
                '"' => break,
                '\\' => match self.chars.next() {
                    Some(c @ ('"' | '\\' | '$' | '`')) => s.word().push(c),
                    Some('\n') | None => {}
                    Some(c) => s.word().extend(['\\', c]),
                },
                '$' => self.dollar(s, depth)?,
                '`' => self.nested('`', s, depth)?,
                c => s.word().push(c),
            }
        }
        Ok(())
    }

    fn dollar(&mut self, s: &mut Script, depth: usize) -> Result<(), &'static str> {
        s.word().push('$');
        if self.take('(') {
            return self.nested(')', s, depth);
        }
        if self.take('{') {
            s.word().push('{');
            for c in self.chars.by_ref() {
                s.word().push(c);
                if c == '}' {
                    break;
                }
            }
        }
        Ok(())
    }

    /// A script whose output becomes part of a word.
    fn nested(&mut self, until: char, s: &mut Script, depth: usize) -> Result<(), &'static str> {
        s.word().push_str("()");
        let inner = deeper(depth, |depth| self.script(Some(until), depth))?;
        s.now.inner.extend(inner);
        Ok(())
    }

    fn redirection(&mut self, c: char, s: &mut Script, depth: usize) -> Result<(), &'static str> {
        // A number right before it is a descriptor's.
        if s.word.as_ref().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit())) {
            s.word = None;
        }
        s.end_word(&mut self.heredocs);
        if self.take('(') {
            return self.nested(')', s, depth);
        }
        let doubled = self.take(c);
        let tripled = doubled && c == '<' && self.take('<');
        if doubled && c == '<' && !tripled {
            self.take('-');
            s.ends_document = true;
            return Ok(());
        }
        let _ = self.take('&') || self.take('|');
        s.redirected = true;
        Ok(())
    }

    /// The lines of here-documents: what they hold is no command.
    fn skip_documents(&mut self) {
        for end in std::mem::take(&mut self.heredocs) {
            loop {
                let mut line = String::new();
                while let Some(c) = self.chars.next_if(|c| *c != '\n') {
                    line.push(c);
                }
                let ended = self.chars.next().is_none();
                if ended || line.trim() == end {
                    break;
                }
            }
        }
    }
}

/// The script behind `-c`.
fn given_script(shell: &Command) -> Option<String> {
    let mut arguments = shell.arguments().iter();
    while let Some(argument) = arguments.next() {
        let flags = argument.strip_prefix('-').filter(|flags| !flags.starts_with('-'))?;
        if flags.contains('c') {
            return arguments.next().cloned();
        }
        if flags.ends_with('o') {
            arguments.next();
        }
    }
    None
}

/// Words of the shell's grammar that a command may follow.
const KEYWORDS: &[&str] = &[
    "!", "do", "done", "elif", "else", "esac", "fi", "if", "then", "time", "until", "while", "{",
    "}",
];

/// Programs that start the program which follows.
const STARTERS: &[&str] = &[
    "command",
    "doas",
    "eatmydata",
    "env",
    "exec",
    "fakeroot",
    "ionice",
    "nice",
    "nohup",
    "stdbuf",
    "sudo",
    "timeout",
    "xargs",
];

/// Leaves program and arguments. Of `for` and `case` nothing is left: their words are data.
fn strip(words: &mut Vec<String>) {
    let mut start = 0;
    let mut behind_starter = false;
    while let Some(word) = words.get(start) {
        let is_option = behind_starter && (word.starts_with('-') || is_duration(word));
        if STARTERS.contains(&base_name(word)) {
            behind_starter = true;
        } else if !(is_option || is_assignment(word) || KEYWORDS.contains(&word.as_str())) {
            break;
        }
        start += 1;
    }
    words.drain(..start);
    if words.first().is_some_and(|word| matches!(word.as_str(), "for" | "case" | "select")) {
        words.clear();
    }
}

/// The number behind `timeout` or `nice -n`, and the `{}` of `xargs -I {}`.
fn is_duration(word: &str) -> bool {
    word == "{}" || word.trim_end_matches(['s', 'm', 'h', 'd']).bytes().all(|b| b.is_ascii_digit())
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}
