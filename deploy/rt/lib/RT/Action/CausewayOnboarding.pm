package RT::Action::CausewayOnboarding;

# Scrip action: keeps what follows from the tickets of an onboarding.
#
# A programme is a ticket with a value in "TG Programme"; its tasks are tickets that are members of it (native link). A task
# is given the programme's partner and use case, and the number of its programme, so that whoever reads a task's ticket alone
# knows what it belongs to. On the programme stand, computed from its tasks, "TG Readiness" for the partner (a state, counts
# and ticket numbers, no text of anybody) and "TG Blockers" for agents. Ready is who has at least one mandatory task and
# all of them completed or waived; what is cancelled does not count.
#
# It writes as RT_System: Causeway's feed takes that for news. Use it in the TransactionBatch stage, as the nudge. It
# writes only what differs, so that its own writes end the chain that they begin.

use strict;
use warnings;
use base 'RT::Action';

use constant USE_CASE => 'onboarding';

my %done = map { $_ => 1 } qw(resolved closed rejected);
my %gone = map { $_ => 1 } qw(cancelled deleted);

sub value { my ( $ticket, $field ) = @_; return $ticket->FirstCustomFieldValue($field) // '' }

sub keep {
    my ( $ticket, $field, $to ) = @_;
    my $from = value( $ticket, $field );
    $from =~ s/\r\n/\n/g;
    return if $from eq $to;
    my ( $ok, $said ) = $ticket->AddCustomFieldValue( Field => $field, Value => $to );
    RT->Logger->error( 'CausewayOnboarding: ticket ' . $ticket->id . ": $field: $said" ) unless $ok;
}

sub ticket {
    my $id     = shift;
    my $ticket = RT::Ticket->new( RT->SystemUser );
    $ticket->Load($id);
    return $ticket->id ? $ticket : undef;
}

# The programme of a ticket: itself, or the one it is a member of.
sub programme {
    my $ticket = shift;
    return $ticket if length value( $ticket, 'TG Programme' );
    my $links = $ticket->MemberOf;
    while ( my $link = $links->Next ) {
        next unless $link->TargetURI->IsLocal && ref $link->TargetObj eq 'RT::Ticket';
        my $above = ticket( $link->TargetObj->id ) or next;
        return $above if length value( $above, 'TG Programme' );
    }
    return;
}

sub members {
    my $programme = shift;
    my @tasks;
    my $links = $programme->Members;
    while ( my $link = $links->Next ) {
        next unless $link->BaseURI->IsLocal && ref $link->BaseObj eq 'RT::Ticket';
        my $task = ticket( $link->BaseObj->id ) or next;
        push @tasks, $task unless length value( $task, 'TG Programme' );
    }
    return sort { $a->id <=> $b->id } @tasks;
}

sub Prepare {
    my $self   = shift;
    my $ticket = ticket( $self->TicketObj->id ) or return 0;
    $self->{programme} = programme($ticket);
    return $self->{programme} ? 1 : 0;
}

sub Commit {
    my $self      = shift;
    my $programme = $self->{programme};
    my @tasks     = members($programme);
    my $partner   = value( $programme, 'TG Partner Id' );
    for my $task (@tasks) {
        keep( $task, 'TG Task Of', $programme->id );
        keep( $task, 'TG Partner Id', $partner ) if length $partner;
        keep( $task, 'TG Use Case', USE_CASE );    # the last: from here on the task is told
    }
    keep( $programme, 'TG Use Case', USE_CASE ) if length $partner;    # nobody is told of a programme of nobody
    return 1 unless @tasks;

    my @wanted = grep { !$gone{ $_->Status } && value( $_, 'TG Mandatory' ) ne 'no' } @tasks;
    my @open   = grep { !$done{ $_->Status } } @wanted;
    my $ready  = @wanted && !@open;
    my @public = ( ( $ready ? 'READY' : 'NOT_READY' ) . ' ' . ( @wanted - @open ) . '/' . @wanted );
    my ( @inside, $hidden );
    for my $task (@open) {
        my $shown = value( $task, 'TG Owner Side' ) eq 'PARTNER' || value( $task, 'TG Shown To Partner' ) eq 'yes';
        my $document = value( $task, 'TG Document Type' );
        if   ($shown) { push @public, $task->id . ' ' . ( length $document ? $document : '-' ) }
        else          { $hidden++ }
        my $due = $task->DueObj->Unix > 0 ? $task->DueObj->Date( Timezone => 'UTC' ) : 'no date';
        push @inside, '#' . $task->id . ' ' . $task->Subject . ': ' . $task->Status . ", due $due";
    }
    push @public, "+$hidden" if $hidden;
    keep( $programme, 'TG Blockers', join "\n", @inside ? @inside : 'none' );
    keep( $programme, 'TG Readiness', join "\n", @public );
    return 1;
}

1;
