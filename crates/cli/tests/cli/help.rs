//! What it says of itself.

use crate::unistatus;

#[tokio::test(flavor = "multi_thread")]
async fn help_shows_examples() {
    for (arguments, example) in [
        (&["--help"][..], "  unistatus up --demo "),
        (&["up", "--help"], "  unistatus up 5m --targets targets.toml\n"),
        (&["targets", "--help"], "  unistatus targets discover status.example.com\n"),
        (&["targets", "discover", "--help"], "--name example --write targets.toml\n"),
        (
            &["targets", "test", "--help"],
            "  unistatus targets test intranet --targets targets.toml --from health.json\n",
        ),
        (&["targets", "verify", "--help"], "  unistatus targets verify github gitlab\n"),
        (&["status", "--help"], "  unistatus status github \"Git Operations\" --json\n"),
        (&["targets", "--help"], "  unistatus targets list --all --search google\n"),
        (&["keys", "--help"], "  unistatus keys revoke 5qXv0yJmT3bZ\n"),
        (&["keys", "create", "--help"], "  unistatus keys create ci --scope read --expires 90d --json\n"),
        (&["users", "--help"], "  unistatus users add ci --scope write --password-file password.txt\n"),
        (&["users", "add", "--help"], "  unistatus users add ann --scope write < password.txt\n"),
        (&["items", "change", "--help"], "  unistatus items change '#456' --assigned-user 7 --snooze 2h\n"),
        (&["reports", "keep", "--help"], "  unistatus reports keep --environment production --limit 100 --json\n"),
        (&["templates", "add", "--help"], "| unistatus templates add short -\n"),
        (&["config", "--help"], "  unistatus config check\n"),
        (&["config", "show", "--help"], "  unistatus config show --log-level debug --port 9000\n"),
        (&["config", "check", "--help"], "  unistatus config check --targets targets.toml --catalog cloud,github\n"),
        (&["targets", "list", "--help"], "  unistatus targets list --all --search mongo\n"),
        (&["migrate", "--help"], "  unistatus migrate --from sqlite:unistatus.db --to mongodb://127.0.0.1/unistatus\n"),
        (&["targets", "show", "--help"], "  unistatus targets show twitter --json\n"),
    ] {
        let help = unistatus(arguments.iter().copied()).run().await;
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(help.stdout.contains("\nExamples:\n") && help.stdout.contains(example), "{}", help.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_exit_code_two() {
    for (arguments, told) in [
        (&[][..], "Usage: unistatus"),
        (&["start"], "unrecognized subcommand"),
        (&["up", "0"], "accepted are seconds (60) or a length of time (90s, 5m, 1h), from 1s to 24h"),
        (&["up", "--demo", "--db", "sqlite:mine.db"], "unistatus: --demo brings its own database and targets"),
        (&["up", "--url", "http://127.0.0.1:8080"], "unistatus: --url is for commands that ask the API"),
        (&["targets", "list", "--url", "http://127.0.0.1:8080"], "--url is for commands that ask the API"),
        (
            &["status", "--url", "http://127.0.0.1:8080", "--db", "sqlite:mine.db"],
            "unistatus: --url and --db: a command",
        ),
        (&["status", "github", "Actions", "more"], "unexpected argument 'more'"),
        (&["keys", "create", "ci"], "--scope <SCOPE>"),
        (&["keys", "create", "ci", "--scope", "all"], "read, write or admin"),
        (&["keys", "create", "ci", "--scope", "read", "--expires", "soon"], "invalid value 'soon'"),
        (&["items", "change", "#7"], "unistatus: nothing is to be changed"),
        (&["items", "change", "#7", "--assigned-user", "ann"], "expected is the number that is an id, or nobody"),
        (&["items", "change", "#7", "--snooze", "0s"], "expected is a length of time such as 90s, 2h or 7d, or off"),
        (&["items", "change", "#7", "--from", "-", "--level", "error"], "cannot be used with"),
        (&["items", "report"], "<MESSAGE>"),
        (&["items", "report", "--from", "nothing"], "unistatus: cannot read nothing: "),
        (&["items", "report", "--from", "-"], "unistatus: - is no JSON: "),
        (&["items", "list", "--assigned-user", "ann", "--assigned-team", "ops"], "cannot be used with"),
        (&["reports", "remove"], "<ID|--all>"),
        (&["reports", "remove", "a", "--all"], "cannot be used with"),
        (&["templates", "add", "short", "nothing"], "unistatus: cannot read nothing: "),
        (&["templates", "change", "a"], "expected is --name, --description or --content"),
        (&["templates", "remove", "a", "--if-match", "a b"], "expected is an entity tag"),
        (&["migrate", "--from", "sqlite:a.db"], "--to <URL>"),
        (&["migrate", "--from", "sqlite:a.db", "--to", "b.db"], "unistatus: --to ***: the database's address is none"),
        (
            &["migrate", "--from", "sqlite:a", "--to", "sqlite:b", "--url", "http://h"],
            "--url is for commands that ask the API",
        ),
        (&["users", "add", "ann", "--password", "correct horse"], "unexpected argument '--password'"),
        (&["users", "add", "ann"], "unistatus: a password has 8 to 256 characters"),
        (&["users", "add", "ann", "--password-file", "nothing"], "unistatus: cannot read nothing: "),
    ] {
        let ended = unistatus(arguments.iter().copied()).run().await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.stderr.contains(told), "{arguments:?}: {}", ended.stderr);
        assert!(ended.left_behind().is_empty(), "{arguments:?}: {:?}", ended.left_behind());
    }
}
