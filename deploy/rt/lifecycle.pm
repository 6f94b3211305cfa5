# Causeway: lifecycle of a partner case. Copy into RT_SiteConfig.d and restart RT.
# The status says who holds the ball; the bundle maps these words to the agreed case states.
Set(%Lifecycles, causeway => {
    initial  => ['new'],
    active   => ['open', 'waiting-partner', 'stalled'],
    inactive => ['resolved', 'closed', 'rejected', 'cancelled', 'deleted'],
    defaults => { on_create => 'new', on_merge => 'resolved', approved => 'open', denied => 'rejected' },
    transitions => {
        ''                => [qw(new open)],
        new               => [qw(open waiting-partner stalled resolved rejected cancelled deleted)],
        open              => [qw(waiting-partner stalled resolved rejected cancelled deleted)],
        'waiting-partner' => [qw(open stalled resolved rejected cancelled deleted)],
        stalled           => [qw(open waiting-partner resolved rejected cancelled deleted)],
        # What is resolved waits for the partner's word: accepted is closed, contested is open again.
        resolved          => [qw(open waiting-partner closed cancelled)],
        closed            => [qw(open)],
        rejected          => [qw(open deleted)],
        cancelled         => [qw(open deleted)],
        deleted           => [qw(open)],
    },
    rights => { '* -> deleted' => 'DeleteTicket', '* -> *' => 'ModifyTicket' },
});

# Contractual clocks are Causeway's; RT's Due is for the agents' own overview. A running Resolve clock pauses while
# the partner is asked.
Set(%ServiceAgreements, (
    Default => 'standard',
    Levels  => {
        urgent   => { StartImmediately => 1, Response => { RealMinutes => 60 },
                      Resolve => { RealMinutes => 480, IgnoreOnStatuses => ['waiting-partner'] } },
        standard => { StartImmediately => 1, Response => { RealMinutes => 240 },
                      Resolve => { RealMinutes => 2880, IgnoreOnStatuses => ['waiting-partner'] } },
    },
));
1;
