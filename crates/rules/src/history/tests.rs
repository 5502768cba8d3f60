use super::*;

fn programs(created_by: &str) -> Vec<String> {
    let Instruction::Run(Ok(commands)) = instruction(created_by) else {
        panic!("no commands in {created_by:?}: {:?}", instruction(created_by))
    };
    commands.iter().flat_map(Command::all).map(|c| c.words.join(" ")).collect()
}

fn sources(created_by: &str) -> (Vec<Source<'_>>, bool) {
    let Instruction::Add(added) = instruction(created_by) else { panic!("no ADD: {created_by:?}") };
    (added.sources.clone(), added.is_at_root())
}

#[test]
fn a_run_is_read_in_every_builders_writing() {
    for text in [
        "/bin/sh -c apt-get update",
        "|1 A=b /bin/sh -c apt-get update",
        "|2 A=b c d B= /bin/bash -o pipefail -c apt-get update",
        "RUN /bin/sh -c apt-get update # buildkit",
        "RUN |1 A=/bin/x /bin/bash -euxo pipefail -c apt-get update # buildkit",
        "RUN apt-get update # buildkit",
        "apt-get update",
    ] {
        assert_eq!(programs(text), ["apt-get update"], "{text}");
    }
}

#[test]
fn what_runs_nothing_is_known_by_its_name() {
    for (text, name) in [
        ("/bin/sh -c #(nop)  CMD [\"nginx\" \"-g\" \"daemon off;\"]", "CMD"),
        ("/bin/bash -o pipefail -c #(nop) ENV A=b", "ENV"),
        ("CMD [\"nginx\"]", "CMD"),
        ("LABEL a=b", "LABEL"),
        ("WORKDIR /app", "WORKDIR"),
        ("ENTRYPOINT [\"/init\"]", "ENTRYPOINT"),
    ] {
        assert_eq!(instruction(text), Instruction::Other(name), "{text}");
    }
    for copy in ["/bin/sh -c #(nop) COPY dir:ab in /app ", "COPY . /app # buildkit"] {
        assert_eq!(instruction(copy), Instruction::Copy);
    }
}

#[test]
fn a_script_cannot_pass_for_an_instruction_that_runs_nothing() {
    assert_eq!(programs("/bin/sh -c apt-get update #(nop) CMD"), ["apt-get update"]);
}

#[test]
fn what_came_ready_made_is_no_instruction() {
    for text in ["", "  ", "# debian.sh --arch 'amd64' out/ 'trixie' '@1763337600'"] {
        assert_eq!(instruction(text), Instruction::Ready, "{text}");
    }
}

#[test]
fn an_add_tells_what_it_took() {
    let archive = Source::Archive("rootfs.tar.xz");
    assert_eq!(sources("ADD rootfs.tar.xz / # buildkit"), (vec![archive], true));
    let digest = Source::Digest("file:2a1f");
    assert_eq!(sources("/bin/sh -c #(nop) ADD file:2a1f in / "), (vec![digest], true));
    assert_eq!(sources("/bin/sh -c #(nop) ADD file:2a1f in /etc/x "), (vec![digest], false));
    let folder = Source::Plain("a folder");
    assert_eq!(sources("/bin/sh -c #(nop) ADD dir:07 in /app "), (vec![folder], false));
    let plain = Source::Plain("app.conf");
    assert_eq!(sources("ADD --chown=1:1 app.conf /etc/ # buildkit"), (vec![plain], false));
    let remote = Source::Remote("https://example.com/a.tgz");
    assert_eq!(sources("ADD https://example.com/a.tgz /opt/ # buildkit"), (vec![remote], false));
    let fetched = Source::Remote("an address");
    let named_in = Source::Plain("in");
    assert_eq!(sources("ADD in /opt/ # buildkit"), (vec![named_in], false));
    assert_eq!(sources("/bin/sh -c #(nop) ADD  in /opt/a "), (vec![fetched], false));
}

#[test]
fn commands_are_told_apart_as_a_shell_does() {
    let text = "/bin/sh -c set -eux; \tapt-get update \t&& DEBIAN_FRONTEND=noninteractive sudo -E \
                apt-get install -y 'vim' \"curl\" >/dev/null 2>&1 || (echo no; exit 1)";
    let expected =
        ["set -eux", "apt-get update", "apt-get install -y vim curl", "echo no", "exit 1"];
    assert_eq!(programs(text), expected);
    let text =
        "/bin/sh -c if ! which x; then apk add x; fi; for i in a b; do echo $i; done # end ; vim";
    assert_eq!(programs(text), ["which x", "apk add x", "echo $i"]);
}

#[test]
fn scripts_in_scripts_are_read_too() {
    let text = "/bin/sh -c bash -ec 'apt-get update; vim' && x=\"$(curl -L a | sh)\" && \
                sh <(wget -O- b) && echo `id`";
    let expected = [
        "bash -ec apt-get update; vim",
        "apt-get update",
        "vim",
        "",
        "curl -L a",
        "sh",
        "sh ()",
        "wget -O- b",
        "echo ()",
        "id",
    ];
    let mut found = programs(text);
    let mut expected: Vec<String> = expected.map(str::to_owned).into();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_a_document_holds_is_no_command() {
    let text = "/bin/sh -c cat <<-'EOF' > /etc/x\nrm -rf /\nEOF\napt-get update\n";
    assert_eq!(programs(text), ["cat", "apt-get update"]);
}

#[test]
fn a_pipe_is_told() {
    let Instruction::Run(Ok(commands)) = instruction("/bin/sh -c curl a | bash -s || id") else {
        panic!("no commands")
    };
    let pipes: Vec<bool> = commands.iter().map(|c| c.reads_pipe).collect();
    assert_eq!(pipes, [false, true, false]);
}

#[test]
fn other_shells_and_endless_scripts_say_that_they_are_not_read() {
    for text in [
        "powershell -Command $x = 1".to_owned(),
        "cmd /S /C dir".to_owned(),
        format!("/bin/sh -c {}", "a ".repeat(MAX_SCRIPT)),
        format!("/bin/sh -c {}", "$(".repeat(1000)),
    ] {
        assert!(matches!(instruction(&text), Instruction::Run(Err(_))), "{text:.40}");
    }
}

#[test]
fn package_managers_are_understood_with_their_options() {
    let of = |script: &str| {
        let commands = shell::commands(script).unwrap();
        let call = package_call(commands.first().unwrap()).unwrap();
        let packages: Vec<String> = call.packages.iter().map(ToString::to_string).collect();
        (call.act, packages.join(" "), call.group.map(str::to_owned))
    };
    for (script, act, packages) in [
        ("apt-get -qq update", Act::Refresh, ""),
        ("apt-get -o A::B=c -y install vim=2:9.1 libc6:amd64 $X", Act::Install, "vim libc6 $X"),
        ("apt-get purge -y --auto-remove gcc", Act::Remove, "gcc"),
        ("yum -y update", Act::Upgrade, ""),
        ("dnf makecache", Act::Refresh, ""),
        ("microdnf install -y nginx", Act::Install, "nginx"),
        ("zypper --non-interactive ref", Act::Refresh, ""),
        ("pacman -Sy", Act::Refresh, ""),
        ("pacman -Syu --noconfirm", Act::Upgrade, ""),
        ("pacman -Sy --noconfirm git", Act::Install, "git"),
        ("apt-cache search x; x", Act::Other, ""),
    ] {
        if script.starts_with("apt-cache") {
            assert!(package_call(shell::commands(script).unwrap().first().unwrap()).is_none());
            continue;
        }
        assert_eq!(of(script), (act, packages.to_owned(), None), "{script}");
    }
    let build = of("apk add --no-cache --virtual .build gcc>12 make");
    assert_eq!(build, (Act::Install, "gcc make".into(), Some(".build".into())));
}

#[test]
fn no_text_makes_it_panic() {
    // A corpus of odd texts, and every one of them cut at each character.
    for text in [
        "|",
        "|1",
        "RUN",
        "ADD",
        "ADD  in ",
        "/bin/sh -c",
        "/bin/sh -c #(nop)",
        "|9 a /bin/sh",
        "RUN /bin/sh -o",
        "/bin/sh -c 'é\"$(`<<EOF\n${x",
        "a <<<b >|c 2>&1 &>d <(e) >(f)",
        "sh -c \"sh -c 'sh -c \\\"x\\\"'\"",
        "\u{0}\u{feff}RUN \\",
        "env -i A=b sudo -u root xargs",
    ] {
        for (end, _) in text.char_indices().chain([(text.len(), ' ')]) {
            if let Instruction::Run(Ok(commands)) = instruction(text.get(..end).unwrap()) {
                let all: Vec<&Command> = commands.iter().flat_map(Command::all).collect();
                all.iter().for_each(|command| drop(package_call(command)));
            }
        }
    }
}
