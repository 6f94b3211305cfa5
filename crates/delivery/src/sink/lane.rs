use domain::{Command, ContentHash, Envelope, MessageId, Meta, Timestamp};
use std::collections::VecDeque;

/// What is known of a command without its bytes.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Without `ext`, but for what its outcomes carry too.
    pub(super) meta: Meta,
    pub(super) kind: &'static str,
    pub(super) hash: ContentHash,
    pub(super) creates: bool,
    /// Attempt that a person's redrive asks for.
    pub(super) redrive: Option<i32>,
    /// A person asks for what is otherwise left and listed.
    pub(super) revise: bool,
}

impl Known {
    pub(super) fn of<C: Command>(command: &Envelope<C>) -> Self {
        let mut meta = command.meta.clone();
        let redrive = meta.ext.remove(super::REDRIVE).and_then(|attempt| attempt.parse().ok());
        let revise = meta.ext.remove(super::REVISE).is_some();
        meta.ext.retain(|name, _| name.starts_with(domain::ABOUT));
        let payload = &command.payload;
        let (kind, hash, creates) = (payload.kind(), payload.content_hash(), payload.creates_bond());
        Self { meta, kind, hash, creates, redrive, revise }
    }
}

/// One record of the command topic that is not settled for good. Without `command` it is a pointer.
#[derive(Debug)]
pub(super) struct Entry<C> {
    pub(super) offset: i64,
    pub(super) id: MessageId,
    /// `None`: not read since the partition was assigned, or not kept.
    pub(super) known: Option<Box<Known>>,
    /// Kept when `known` goes.
    pub(super) creates: Option<bool>,
    pub(super) command: Option<Box<Envelope<C>>>,
    /// A `Waiting` of it was read back: its offset is settled.
    pub(super) waiting: bool,
    /// A `Waiting` of it is on its way to the log.
    pub(super) marking: bool,
    /// Since when it has been in trouble, where the log does not say so yet.
    pub(super) failing_since: Option<Timestamp>,
    /// Failed calls and looks of this owner.
    pub(super) failures: i32,
    pub(super) not_before: Option<Timestamp>,
    pub(super) reason: String,
}

impl<C: Command> Entry<C> {
    pub(super) fn pointer(offset: i64, id: MessageId) -> Self {
        Self {
            offset,
            id,
            known: None,
            creates: None,
            command: None,
            waiting: false,
            marking: false,
            failing_since: None,
            failures: 0,
            not_before: None,
            reason: String::new(),
        }
    }

    /// Puts the bytes in; true when they were not there.
    pub(super) fn load(&mut self, command: Box<Envelope<C>>) -> bool {
        if self.known.is_none() {
            let known = Known::of(&command);
            self.creates = Some(known.creates);
            self.known = Some(Box::new(known));
        }
        self.command.replace(command).is_none()
    }

    /// Takes the bytes out, and what is known by them; true when they were there. Both are read again when it is its turn.
    pub(super) fn unload(&mut self) -> bool {
        self.known = None;
        self.command.take().is_some()
    }
}

/// What the subject's current command waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    /// Nothing to do before this moment.
    Delayed(Timestamp),
    /// A place among those with a call under way.
    Queued,
    /// Its bytes, which nobody reads yet.
    Unread,
    Fetching,
    /// An intent was appended and is not read back.
    Intended(i32),
    Calling(i32),
    Looking(i32),
    /// The outcome with this id was appended and is not read back.
    Recording(MessageId),
}

impl Phase {
    pub(super) const fn has_place(self) -> bool {
        match self {
            Self::Intended(_) | Self::Calling(_) | Self::Looking(_) => true,
            Self::Idle | Self::Delayed(_) | Self::Queued | Self::Unread | Self::Fetching | Self::Recording(_) => false,
        }
    }
}

/// The commands of one subject, in the order of the log. At most one is worked on.
#[derive(Debug)]
pub(super) struct Lane<C> {
    pub(super) entries: VecDeque<Entry<C>>,
    pub(super) phase: Phase,
    /// Offset of the entry the phase is about.
    pub(super) current: i64,
}

impl<C: Command> Lane<C> {
    pub(super) const fn new() -> Self {
        Self { entries: VecDeque::new(), phase: Phase::Idle, current: -1 }
    }

    /// Keeps the order of offsets; false where the offset is there already.
    pub(super) fn insert(&mut self, entry: Entry<C>) -> bool {
        let at = self.entries.partition_point(|e| e.offset < entry.offset);
        let new = self.entries.get(at).is_none_or(|e| e.offset != entry.offset);
        if new {
            self.entries.insert(at, entry);
        }
        new
    }

    pub(super) fn at(&mut self, offset: i64) -> Option<&mut Entry<C>> {
        let at = self.entries.partition_point(|e| e.offset < offset);
        self.entries.get_mut(at).filter(|e| e.offset == offset)
    }

    pub(super) fn remove(&mut self, offset: i64) -> Option<Entry<C>> {
        let at = self.entries.partition_point(|e| e.offset < offset);
        if self.entries.get(at).is_some_and(|e| e.offset == offset) { self.entries.remove(at) } else { None }
    }

    /// Whose turn it is: the first; where nothing can go without a record, the one that makes it. An entry that was
    /// never read might be that one.
    pub(super) fn turn(&self, bonded: bool) -> Option<i64> {
        let first = self.entries.front()?;
        if bonded {
            return Some(first.offset);
        }
        let creates = |e: &&Entry<C>| e.creates.unwrap_or(true);
        Some(self.entries.iter().find(creates).unwrap_or(first).offset)
    }
}
