//! The program.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

fn simulator(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulator"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The lines that it prints before it waits.
fn lines(child: &mut Child, count: usize) -> Vec<String> {
    BufReader::new(child.stdout.take().unwrap()).lines().take(count).map(Result::unwrap).collect()
}

#[test]
fn it_says_where_everyone_is_and_ends_well_on_a_signal() {
    let file = std::env::temp_dir().join(format!("simulator-targets-{}.toml", std::process::id()));
    for signal in ["-TERM", "-INT"] {
        let out = file.to_str().unwrap();
        let mut child = simulator(&["--admin-port", "0", "--speed", "10", "--targets-out", out]).spawn().unwrap();
        let lines = lines(&mut child, 21);
        assert!(lines[0].starts_with("github ") && lines[0].contains("REST statuspage"), "{}", lines[0]);
        assert!(lines[20].starts_with("(control)"), "{}", lines[20]);
        let targets = std::fs::read_to_string(&file).unwrap();
        assert_eq!(targets.matches("[[target]]").count(), 20);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn it_runs_as_many_vendors_as_asked() {
    let mut child = simulator(&["--vendors", "3", "--services", "2"]).spawn().unwrap();
    let lines = lines(&mut child, 3);
    assert!(lines[2].starts_with("vendor-0003"), "{}", lines[2]);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn wrong_arguments_are_said_with_what_is_accepted() {
    for (arguments, said) in [
        (["--speed", "warp"], "accepted are decimal numbers from 0.001 to 10000"),
        (["--vendors", "0"], "0 is not in 1..=65535"),
        (["--services", "5"], "--vendors <N>"),
    ] {
        let output = simulator(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(said), "{stderr}");
    }
}
