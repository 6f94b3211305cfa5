package RT::Action::CausewayNudge;

# Scrip action: says "ticket N changed, look now" to Causeway's ingest. The body is a hint that nobody believes; the
# change feed over REST 2 is the truth, so a nudge that is lost costs a poll interval and nothing else.
#
# The signature is HMAC-SHA256 over "<unix seconds>.<body>", in hex, as X-Causeway-Signature: sha256=<hex>.
#
# Settings (RT_SiteConfig.d):
#   Set($CausewayNudgeURL, 'https://causeway.example/hooks/rt');        # empty: off
#   Set($CausewayNudgeSecretFile, '/etc/request-tracker5/causeway-nudge.secret');
#   Set($CausewayNudgeTimeout, 2);                                      # seconds; a hanging receiver costs the agent this
#
# Use it in the TransactionBatch stage only: that is after the commit. In TransactionCreate the receiver would look
# for a row that nobody can see yet, and on SQLite would wait for the very writer that waits for it.

use strict;
use warnings;
use base 'RT::Action';

use Digest::SHA qw(hmac_sha256_hex);
use JSON        ();
use LWP::UserAgent ();

sub secret {
    my $file = RT->Config->Get('CausewayNudgeSecretFile') or return '';
    open my $in, '<', $file or do { RT->Logger->error("CausewayNudge: cannot read $file: $!"); return '' };
    my $secret = do { local $/; <$in> };
    $secret =~ s/\s+\z//;
    return $secret;
}

sub Prepare { return RT->Config->Get('CausewayNudgeURL') ? 1 : 0 }

sub Commit {
    my $self   = shift;
    my $secret = secret();
    return 1 unless length $secret;    # an unsigned nudge would be refused anyway

    my $ticket = $self->TicketObj;
    my $batch  = $ticket->TransactionBatch || [];
    my @rows   = map { 0 + $_->id } ( @$batch ? @$batch : $self->TransactionObj );
    my $body   = JSON->new->canonical->utf8->encode( { ticket => 0 + $ticket->id, transactions => \@rows } );
    my $now    = time;

    my $answer = LWP::UserAgent->new( timeout => RT->Config->Get('CausewayNudgeTimeout') || 2, max_redirect => 0 )->post(
        RT->Config->Get('CausewayNudgeURL'),
        'Content-Type'         => 'application/json',
        'X-Causeway-Timestamp' => $now,
        'X-Causeway-Signature' => 'sha256=' . hmac_sha256_hex( "$now.$body", $secret ),
        Content                => $body,
    );
    RT->Logger->info( 'CausewayNudge: ticket ' . $ticket->id . ': ' . $answer->status_line ) unless $answer->is_success;
    return 1;                          # never fail an agent's update for a nudge
}

1;
