#!/usr/bin/perl
# What Causeway needs inside Request Tracker 5: queues, custom fields, two service users with their rights, the nudge
# scrip, tokens, and one canary ticket. Idempotent: run it again after a change, or on an RT that has some of it.
#
#   perl seed.pl TOKEN_DIR [--with-agents]
#
# Run as RT's own user, with RT's configuration in force. Writes TOKEN_DIR/sync.token and TOKEN_DIR/partner.token (a
# token's secret can be read only when it is made); an existing file whose token still works is kept.
# --with-agents adds two people for tests and demonstrations, with tokens of their own. Never use it in production.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib', '/usr/local/share/request-tracker5/lib', '/opt/rt5/lib';
use RT -init;

my ( $tokens, $agents ) = @ARGV;
die "usage: seed.pl TOKEN_DIR [--with-agents]\n" unless $tokens && -d $tokens;
my $system = RT->SystemUser;

sub made {
    my ( $what, $ok, $said ) = @_;
    die "seed: $what: $said\n" unless $ok;
    return $ok;
}

# --- queues
my @queues;
for my $name (
    'Partner Cases', 'Partner Problems', 'Partner Onboarding', 'Partner Compliance',
    # Discrepancies: receiving docks, shipments, orders, invoices; triage takes what fits no route.
    'Partner Receiving', 'Partner Shipments', 'Partner Orders', 'Partner Invoices', 'Partner Triage',
    'Partner Documents', 'Partner Restricted Documents',
) {
    my $queue = RT::Queue->new($system);
    $queue->Load($name);
    unless ( $queue->id ) {
        made( "queue $name", $queue->Create( Name => $name, Lifecycle => 'causeway', Description => "Causeway: $name" ) );
        $queue->Load($name);
    }
    # The column says "disabled" unless told otherwise. Of a task the due date is the agent's, and no clock may set it.
    my $clockless = $name eq 'Partner Onboarding' ? 1 : 0;
    $queue->SetSLADisabled($clockless) if !!$queue->SLADisabled != !!$clockless;
    push @queues, $queue;
}

# What agents may write for each line of a discrepancy. RT shows the comment in (?#...) to whoever is refused.
my $line_outcomes = '(?#one line for each item, such as: line=1 decision=PARTIAL quantity=8 uom=EA remedy=CREDIT_PARTIAL '
    . 'amount=12.50 currency=EUR reason="two were wet" ref=CN-7)'
    . '\A(?:\s*line=\S+(?:[ \t]+(?:decision=(?:UPHELD|PARTIAL|DENIED)|(?:quantity|amount)=\d{1,18}(?:\.\d{1,6})?'
    . '|date=\d{4}-\d\d-\d\d|currency=[A-Z]{3}|(?:uom|remedy|reason|ref)=(?:"[^"\r\n]*"|[^"\s]+)))+[ \t]*(?:\r?\n|\z))+\s*\z';

# What reviewers may write of one version of a document: a decision, then what should stand where.
my $decision = '(?#such as: version=2 decision=CORRECT reason=REF comment="the order number is missing", '
    . 'then one line for each correction: term=BT-13 value=4500001)'
    . '\A\s*version=\d{1,9}[ \t]+decision=[A-Z_]+'
    . '(?:[ \t]+(?:valid_to=\d{4}-\d\d-\d\d|(?:reason|comment)=(?:"[^"\r\n]*"|[^"\s]+)))*[ \t]*(?:\r?\n|\z)'
    . '(?:\s*term=(?:"[^"\r\n]*"|[^"\s]+)(?:[ \t]+value=(?:"[^"\r\n]*"|[^"\s]+))?[ \t]*(?:\r?\n|\z))*\s*\z';

# What agents write to share the file of their last reply with the partner that the ticket names.
my $share = '(?#such as: version=1 title="Routing guide" valid_to=2026-12-31 note="new docks"; at most 250 characters)'
    . '\A(?=.{0,250}\z)\s*(?:version=\d{1,9}(?:[ \t]+(?:valid_to=\d{4}-\d\d-\d\d'
    . '|(?:title|note|file|partner)=(?:"[^"\r\n]*"|[^"\s]+)))*)?\s*\z';
my %pattern = ( 'TG Line Outcomes' => $line_outcomes, 'TG Decision' => $decision, 'TG Share' => $share );

# --- custom fields: name, type, greatest number of values, unique
my $on_tickets = 'RT::Queue-RT::Ticket';
for my $wanted (
    [ 'TG Case Id',        'Freeform', 1, 1 ],    # the external id: Causeway's subject. UniqueValues helps, and is not atomic
    [ 'TG Partner Id',     'Freeform', 1, 0 ],
    [ 'TG Partner Name',   'Freeform', 1, 0 ],    # of the company, from the bundle's partners.csv
    [ 'TG Severity',       'Freeform', 1, 0 ],
    [ 'TG Category',       'Freeform', 1, 0 ],
    [ 'TG Document Ref',   'Freeform', 0, 0 ],
    [ 'TG Contact',        'Freeform', 1, 0 ],
    [ 'TG Partner Status', 'Freeform', 1, 0 ],    # for agents, where the bundle's [sync] names it: how far the partner's side has followed
    [ 'Case Type',         'Select',   1, 0, qw(transaction-issue order-mismatch shipment-delay quantity invoice edi-failure) ],
    [ 'Root Cause',        'Text',     1, 0 ],    # never leaves the house
    [ 'Corrective Action', 'Text',     1, 0 ],
    [ 'Resolution Code',   'Freeform', 1, 0 ],
    [ 'Resolution Note',   'Text',     1, 0 ],    # shared only where the bundle grants it
    [ 'TG Use Case',       'Freeform', 1, 0 ],    # which rules a ticket follows; agents leave it alone
    [ 'TG Discrepancy Kind', 'Freeform', 1, 0 ],
    [ 'TG Site',           'Freeform', 1, 0 ],
    [ 'TG Claim',          'Freeform', 1, 0 ],
    [ 'TG Lines',          'Text',     1, 0 ],
    [ 'TG Dispute Deadline', 'Freeform', 1, 0 ],
    [ 'TG Links',          'Text',     1, 0 ],
    [ 'TG Escalation',     'Freeform', 1, 0 ],
    [ 'TG Line Outcomes',  'Text',     1, 0 ],    # for the partner: what the house offers, line by line
    [ 'TG Evidence Wanted', 'Freeform', 1, 0 ],   # for the partner: types of documents
    [ 'TG Settlement Ref', 'Freeform', 1, 0 ],    # for the partner: credit note or adjustment
    [ 'TG Document Type',  'Freeform', 1, 0 ],    # list and code; what is restricted is known by it
    [ 'TG Order No',       'Freeform', 1, 0 ],
    [ 'TG Invoice No',     'Freeform', 1, 0 ],
    [ 'TG Shipment No',    'Freeform', 1, 0 ],
    [ 'TG Document Version', 'Freeform', 1, 0 ],
    [ 'TG Valid From',     'Freeform', 1, 0 ],
    [ 'TG Valid Until',    'Freeform', 1, 0 ],
    [ 'TG Document File',  'Freeform', 1, 0 ],
    [ 'TG Parent Case',    'Freeform', 1, 0 ],    # the subject of the case that a document belongs to
    [ 'TG Decision',       'Text',     1, 0 ],    # for the partner: what the review of one version came to
    [ 'TG Share',          'Freeform', 1, 0 ],    # shares a version of a document of the house's own with the partner
    [ 'Finding ERP',       'Text',     1, 0 ],    # what each source says; never leaves the house
    [ 'Finding WMS',       'Text',     1, 0 ],
    [ 'Finding TMS',       'Text',     1, 0 ],
    [ 'Finding POD',       'Text',     1, 0 ],
    # Onboarding, of the programme's ticket.
    [ 'TG Programme',      'Freeform', 1, 0 ],    # which programme, by the words of the bundle
    [ 'TG Target Live',    'Freeform', 1, 0 ],    # a calendar date
    [ 'TG Milestones',     'Text',     1, 0 ],    # for the partner, a line each: Certified 2026-07-01 reached
    [ 'TG Readiness',      'Text',     1, 0 ],    # computed, for the partner: numbers and ids, no text
    [ 'TG Blockers',       'Text',     1, 0 ],    # computed, for agents
    [ 'TG Public Reason',  'Text',     1, 0 ],    # for the partner, of programme and task: why something changed
    # Onboarding, of a task's ticket: a member of the programme's.
    [ 'TG Task Of',        'Freeform', 1, 0 ],    # the programme's number; kept by the scrip
    [ 'TG Owner Side',     'Select',   1, 0, qw(PARTNER HOST) ],
    [ 'TG Mandatory',      'Select',   1, 0, qw(yes no) ],
    [ 'TG Document Type',  'Freeform', 1, 0 ],
    [ 'TG Depends On',     'Freeform', 1, 0 ],    # numbers of the tasks that come before
    [ 'TG Shown To Partner', 'Select', 1, 0, qw(yes no) ],
    [ 'TG Instructions',   'Text',     1, 0 ],    # for the partner, where the task is
) {
    my ( $name, $type, $max, $unique, @values ) = @$wanted;
    my $field = RT::CustomField->new($system);
    $field->LoadByName( Name => $name, LookupType => $on_tickets, IncludeGlobal => 1 );
    unless ( $field->id ) {
        made( "field $name", $field->Create( Name => $name, Type => $type, MaxValues => $max, UniqueValues => $unique,
            LookupType => $on_tickets, Description => 'Causeway' ) );
        $field->AddValue( Name => $_ ) for @values;
    }
    if ( $pattern{$name} && ( $field->Pattern || '' ) ne $pattern{$name} ) {
        my ( $ok, $said ) = $field->SetPattern( $pattern{$name} );
        made( "pattern of $name", $ok, $said );
    }
    for my $queue (@queues) {
        made( "field $name on " . $queue->Name, $field->AddToObject($queue) ) unless $field->IsAdded( $queue->id );
    }
}

# --- users: one acts for the house, one speaks for partners and is always the requestor, so that RT's response clock
# sees an outsider
my %user;
sub user {
    my ( $name, $real ) = @_;
    my $user = RT::User->new($system);
    $user->Load($name);
    unless ( $user->id ) {
        made( "user $name", $user->Create( Name => $name, RealName => $real, EmailAddress => "$name\@causeway.invalid", Privileged => 1 ) );
        $user->Load($name);
    }
    return $user{$name} = $user;
}
user( 'causeway-sync',    'Causeway' );
user( 'causeway-partner', 'Trading partner (through Causeway)' );
if ($agents) { user( 'agent1', 'Agent One' ); user( 'agent2', 'Agent Two' ) }

sub group {
    my ( $name, @members ) = @_;
    my $group = RT::Group->new($system);
    $group->LoadUserDefinedGroup($name);
    unless ( $group->id ) {
        made( "group $name", $group->CreateUserDefinedGroup( Name => $name, Description => 'Causeway' ) );
        $group->LoadUserDefinedGroup($name);
    }
    for my $user (@members) {
        made( "member of $name", $group->AddMember( $user->PrincipalId ) ) unless $group->HasMember( $user->PrincipalObj );
    }
    return $group;
}

sub grant {
    my ( $group, $object, @rights ) = @_;
    for my $right (@rights) {
        my ( $ok, $said ) = $group->PrincipalObj->GrantRight( Right => $right, Object => $object );
        die "seed: right $right: $said\n" unless $ok || $group->PrincipalObj->HasRight( Right => $right, Object => $object );
    }
}
my $read = group( 'Causeway services', @user{qw(causeway-sync causeway-partner)} );
my $acts = group( 'Causeway sync',     $user{'causeway-sync'} );
my $says = group( 'Causeway partner',  $user{'causeway-partner'} );
for my $queue (@queues) {
    grant( $read, $queue, qw(SeeQueue ShowTicket SeeCustomField) );
    grant( $acts, $queue, qw(ShowTicketComments CommentOnTicket ModifyTicket ModifyCustomField OwnTicket) );
    grant( $says, $queue, qw(CreateTicket ReplyToTicket Watch ModifyCustomField SetInitialCustomField) );
}
grant( $read, RT->System, qw(ManageAuthTokens) );
if ($agents) {
    my $people = group( 'Partner Operations', @user{qw(agent1 agent2)} );
    grant( $people, $_, qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket ModifyTicket
        OwnTicket TakeTicket StealTicket ReassignTicket Watch SeeCustomField ModifyCustomField DeleteTicket) ) for @queues;
    grant( $people, RT->System, qw(ManageAuthTokens) );
}

# --- scrips. RT must not mail partners past Causeway: that would tell them twice, and things that are not theirs.
my $notify = RT::Scrips->new($system);
$notify->UnLimit;
while ( my $scrip = $notify->Next ) {
    next if $scrip->Disabled || ( $scrip->Description || '' ) !~ /autoreply|notify|forward/i;
    warn "seed: mail scrip switched off: " . $scrip->Description . "\n" unless $agents;
    $scrip->SetDisabled(1);
}
# RT's own scrip opens whatever is new or over at the first word that anybody puts to it: the partner would read that its
# case is looked at before anybody does, and a last word would begin what is closed anew. In these queues a status is what
# somebody set. Other queues keep the scrip, and so do problems, which are the house's own.
my $opening = RT::Scrips->new($system);
$opening->UnLimit;
my $by_code = RT::ScripCondition->new($system);
$by_code->LoadByCol( Name => 'User Defined' );
my $elsewhere = '# causeway: words move no status in its queues'
    . qq{\nreturn 0 unless \$self->TransactionObj->Type eq 'Correspond';}
    . qq{\nmy \$queue = \$self->TicketObj->Queue;\nreturn !grep { \$_ == \$queue } qw(@{[ map { $_->id } grep { $_->Name ne 'Partner Problems' } @queues ]});\n};
while ( my $scrip = $opening->Next ) {
    next if $scrip->Disabled || $scrip->ActionObj->ExecModule !~ /\AAutoOpen(?:Inactive)?\z/;
    my $now = $scrip->CustomIsApplicableCode || '';
    next if $now eq $elsewhere || !( $scrip->ConditionObj->Name eq 'On Correspond' || $now =~ /\A# causeway:/ );
    made( 'code of ' . $scrip->Description,      $scrip->SetCustomIsApplicableCode($elsewhere) );
    next if $scrip->ConditionObj->id == $by_code->id;
    made( 'condition of ' . $scrip->Description, $scrip->SetScripCondition( $by_code->id ) );
}
my $action = RT::ScripAction->new($system);
$action->LoadByCol( Name => 'Causeway nudge' );
unless ( $action->id ) {
    made( 'scrip action', $action->Create( Name => 'Causeway nudge', Description => 'wake Causeway', ExecModule => 'CausewayNudge' ) );
}
my $have = RT::Scrips->new($system);
$have->Limit( FIELD => 'Description', VALUE => 'Causeway nudge' );
unless ( $have->Count ) {
    my $scrip = RT::Scrip->new($system);
    made( 'scrip', $scrip->Create( Description => 'Causeway nudge', Queue => $queues[0]->id, Stage => 'TransactionBatch',
        ScripCondition => 'On Transaction', ScripAction => 'Causeway nudge', Template => 'Blank' ) );
    $scrip->AddToObject( ObjectId => $_->id, Stage => 'TransactionBatch' ) for @queues[ 1 .. $#queues ];
}

my $onboarding = RT::ScripAction->new($system);
$onboarding->LoadByCol( Name => 'Causeway onboarding' );
unless ( $onboarding->id ) {
    made( 'scrip action', $onboarding->Create( Name => 'Causeway onboarding', Description => 'readiness of partners',
        ExecModule => 'CausewayOnboarding' ) );
}
my $has = RT::Scrips->new($system);
$has->Limit( FIELD => 'Description', VALUE => 'Causeway onboarding' );
unless ( $has->Count ) {
    my $scrip = RT::Scrip->new($system);
    made( 'scrip', $scrip->Create( Description => 'Causeway onboarding', Queue => $queues[0]->id, Stage => 'TransactionBatch',
        ScripCondition => 'On Transaction', ScripAction => 'Causeway onboarding', Template => 'Blank' ) );
    $scrip->AddToObject( ObjectId => $_->id, Stage => 'TransactionBatch' ) for @queues[ 1 .. $#queues ];
}

# --- the canary: RT finds nothing, with status 200, for a misspelt field. A search that must have one hit proves it.
my $canaries = RT::Tickets->new($system);
$canaries->FromSQL("CF.{TG Case Id} = 'causeway-canary'");
unless ( $canaries->Count ) {
    my $field = RT::CustomField->new($system);
    $field->LoadByName( Name => 'TG Case Id', LookupType => $on_tickets, IncludeGlobal => 1 );
    my $ticket = RT::Ticket->new( RT::CurrentUser->new( $user{'causeway-partner'} ) );
    my ( $id, undef, $said ) = $ticket->Create( Queue => $queues[0]->id, Subject => 'Causeway canary: leave me here',
        Requestor => 'causeway-partner', 'CustomField-' . $field->id => 'causeway-canary' );
    made( 'canary', $id, $said );
}

# --- tokens
umask 0077;
for my $pair ( [ 'sync', 'causeway-sync' ], [ 'partner', 'causeway-partner' ], $agents ? ( [ 'agent1', 'agent1' ], [ 'agent2', 'agent2' ] ) : () ) {
    my ( $file, $name ) = ( "$tokens/$pair->[0].token", $pair->[1] );
    if ( open my $in, '<', $file ) {
        chomp( my $old = <$in> // '' );
        my ($owner) = RT::Authen::Token->UserForAuthString($old);
        next if $owner && $owner->Name eq $name;
    }
    my $token = RT::AuthToken->new( RT::CurrentUser->new( $user{$name} ) );
    my ( $ok, $said, $secret ) = $token->Create( Owner => $user{$name}->id, Description => 'Causeway' );
    made( "token of $name", $ok, $said );
    open my $out, '>', $file or die "seed: $file: $!\n";
    print {$out} "$secret\n";
    close $out or die "seed: $file: $!\n";
}
print 'seed: ', scalar(@queues), " queues, fields, users, rights, scrip, tokens and canary are in place\n";
