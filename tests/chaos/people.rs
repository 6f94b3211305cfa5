//! People at both systems, and the judgement of what came of all they did.

use crate::config::{AGENT, PARTNERS};
use crate::stack::Stack;
use checker::{Internal, Journals, Rules, Source, Verdict};
use load::{CaseSystem, Community, Desk, Load, Mix, Partner, Patience, Plan};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Until an effect that is missing is called lost, once nothing moves any more.
const MISSING: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(100);

pub struct People(Load);

fn partner((id, token): (&str, &str)) -> Partner {
    Partner { id: id.to_owned(), token: token.to_owned() }
}

/// Journals of people lie side by side; each run of a load has its own.
fn journal(stack: &Stack, run: &str) -> PathBuf {
    stack.folder.join("people").join(format!("{run}.jsonl"))
}

fn begin(stack: &Stack, plan: Plan) -> Load {
    let file = journal(stack, &plan.run);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let community = Community::new(&stack.community.url).unwrap();
    let agents: Arc<dyn CaseSystem> = match &stack.settings.rt {
        None => Arc::new(Desk::new(&stack.case_system.url, AGENT.1).unwrap()),
        Some(at) => Arc::new(crate::rt::agent(at)),
    };
    Load::begin(plan, community, agents, &file).unwrap()
}

impl People {
    pub fn begin(stack: &Stack) -> Self {
        let plan = Plan::new("main", stack.settings.seed, PARTNERS.map(partner).to_vec());
        let still = Mix { status: 0, question: 0, resolved: 0, withdrawn: 0, ..Mix::default() };
        let mix = if stack.settings.statuses { Mix::default() } else { still };
        Self::with(stack, Plan { people: stack.settings.people, rate: stack.settings.rate, mix, ..plan })
    }

    /// Others, after those.
    pub fn next(stack: &Stack, run: &str, people: usize, rate: u32) -> Self {
        let mix = Mix { status: 0, question: 0, resolved: 0, withdrawn: 0, ..Mix::default() };
        let plan = Plan::new(run, stack.settings.seed, PARTNERS.map(partner).to_vec());
        Self::with(stack, Plan { people, rate, mix, ..plan })
    }

    fn with(stack: &Stack, mut plan: Plan) -> Self {
        if stack.settings.planted {
            crate::planted::expect(&mut plan.words);
        }
        Self(begin(stack, plan))
    }

    /// Until they have done so much.
    pub async fn have_done(&self, acts: u64) {
        while self.0.acts() < acts {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What is under way is brought to its end.
    pub async fn end(self) -> load::Done {
        self.0.end().await.unwrap()
    }
}

/// One partner writes as fast as it is answered, for a while. What it wrote has to cross like everything else.
pub async fn flood(stack: &Stack, run: String, seed: u64, time: Duration) -> u64 {
    let mix = Mix {
        comment: 100,
        contact: 0,
        suggest: 0,
        reply: 0,
        note: 0,
        root_cause: 0,
        status: 0,
        question: 0,
        withdrawn: 0,
        resolved: 0,
        ..Mix::default()
    };
    let plan = Plan {
        people: 8,
        rate: 0,
        cases_each: 2,
        acts_each: 200,
        mix,
        ..Plan::new(&run, seed, vec![partner(PARTNERS[1])])
    };
    let load = People::with(stack, plan);
    tokio::time::sleep(time).await;
    load.0.end().await.unwrap().acts
}

/// What the checker says once both systems have come to rest.
pub async fn judged(stack: &Stack) -> Verdict {
    let people = faults::state::files(&stack.folder.join("people")).unwrap();
    let changes = |folder: &std::path::Path| Source::file(folder.join("changes.jsonl"));
    let desk = stack.settings.rt.is_none();
    let internal = changes(&stack.case_system.folder);
    let journals = Journals {
        people: people.into_iter().map(Source::file).collect(),
        community: changes(&stack.community.folder),
        internal: if desk { Internal::Desk(internal) } else { Internal::Observed(internal) },
        rules: Rules::default(),
    };
    if let Some(at) = &stack.settings.rt {
        return crate::rt::judged(at, &journals, MISSING, stack.settings.patience).await;
    }
    let patience = Patience { missing: MISSING, at_most: stack.settings.patience, ..Patience::default() };
    load::judged(&journals, patience).await.unwrap()
}
