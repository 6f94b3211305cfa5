//! Stops and starts the servers through the scripts of `deploy/local`, and never leaves one down.

use crate::stack::{Stack, project};
use std::path::PathBuf;
use std::process::Command;

fn run(command: &mut Command) -> String {
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn script(name: &str) -> PathBuf {
    project().join("deploy/local").join(name)
}

/// A server that is down until this is dropped, also when a test fails.
pub struct Down<F: FnMut()>(F);

impl<F: FnMut()> Drop for Down<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Its port and data come from the environment of the test run.
pub fn registry_down(stack: &Stack) -> Down<impl FnMut() + use<>> {
    let registry = || Command::new(script("registry.sh"));
    let address = run(registry().arg("url"));
    assert_eq!(address.trim(), stack.servers.registry, "the script must not stop somebody else's registry");
    run(registry().arg("stop"));
    Down(move || {
        run(registry().arg("start"));
    })
}

/// The instance that the tests use, known by its secrets' folder and its port.
#[derive(Clone)]
pub struct RequestTracker {
    home: PathBuf,
    port: String,
}

impl RequestTracker {
    pub fn of(stack: &Stack) -> Self {
        let home = stack.servers.rt_secrets.parent().unwrap().to_owned();
        let port = stack.servers.rt.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
        Self { home, port }
    }

    fn as_root(&self, program: &str) -> Command {
        let is_root = run(Command::new("id").arg("-u")).trim() == "0";
        let mut command = Command::new(if is_root { "env" } else { "sudo" });
        if !is_root {
            command.arg("env");
        }
        let database = if self.home.join("pg").exists() { "postgresql" } else { "sqlite" };
        command.arg(format!("CAUSEWAY_RT_HOME={}", self.home.display()));
        command.arg(format!("CAUSEWAY_RT_PORT={}", self.port));
        command.arg(format!("CAUSEWAY_RT_DB={database}")).arg(program);
        command
    }

    fn control(&self, words: &[&str]) {
        // What the server writes later goes to its own log, so that waiting for the script does not wait for it.
        run(self.as_root(&script("rt.sh").to_string_lossy()).args(words));
    }

    pub fn down(&self) -> Down<impl FnMut() + use<>> {
        self.control(&["stop"]);
        let again = self.clone();
        Down(move || again.control(&["start"]))
    }

    /// What an administrator does: a further status of the lifecycle, and a further field where one is named, then a
    /// restart. The file is as before when the guard is dropped; the running server keeps what it has read.
    pub fn with_status(&self, status: &str, field: Option<&str>) -> Down<impl FnMut() + use<>> {
        let file = self.home.join("etc/RT_SiteConfig.d/20-lifecycle.pm");
        let before = std::fs::read_to_string(&file).unwrap();
        let after = before
            .replacen("'stalled'],", &format!("'stalled', '{status}'],"), 1)
            .replacen(
                "qw(open waiting-partner stalled resolved",
                &format!("qw(open waiting-partner {status} stalled resolved"),
                1,
            )
            .replacen("=> [qw(waiting-partner stalled", &format!("=> [qw({status} waiting-partner stalled"), 1)
            .replacen(
                "stalled           =>",
                &format!("'{status}' => [qw(open resolved cancelled deleted)],\n        stalled           =>"),
                1,
            );
        assert_eq!(after.matches(status).count(), 4, "the lifecycle is as the shipped one");
        self.write(&file, &after);
        if let Some(field) = field {
            self.make_field(field);
        }
        self.control(&["stop", "start"]);
        let again = self.clone();
        Down(move || again.write(&file, &before))
    }

    fn write(&self, file: &std::path::Path, text: &str) {
        let new = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(new.path(), text).unwrap();
        run(self.as_root("install").args(["-m", "0644"]).arg(new.path()).arg(file));
    }

    fn make_field(&self, name: &str) {
        let perl = r#"
            use lib "/usr/share/request-tracker5/lib"; use RT -init;
            my $field = RT::CustomField->new(RT->SystemUser);
            my ($ok, $said) = $field->Create(Name => $ARGV[0], Type => "Freeform", MaxValues => 1,
                LookupType => "RT::Queue-RT::Ticket");
            die $said unless $ok;
            for my $name ("Partner Cases", "Partner Compliance", "Partner Onboarding") {
                my $queue = RT::Queue->new(RT->SystemUser);
                $queue->Load($name);
                ($ok, $said) = $field->AddToObject($queue);
                die $said unless $ok;
            }"#;
        let home = self.home.display();
        let mut command = self.as_root("setpriv");
        command.args(["--reuid=www-data", "--regid=www-data", "--init-groups", "env", "-i", "-C", "/"]);
        command.args(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TZ=UTC"]);
        command.arg(format!("PERL5LIB={home}/lib"));
        command.arg(format!("RT_SITE_CONFIG={home}/etc/RT_SiteConfig.pm"));
        command.arg(format!("RT_SITE_CONFIG_DIR={home}/etc/RT_SiteConfig.d"));
        run(command.args(["perl", "-e", perl, name]));
    }
}
