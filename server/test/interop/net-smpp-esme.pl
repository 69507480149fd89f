# An ESME of Perl's Net::SMPP, told by JSON lines on standard input what to send: {"command":"submit_sm", …} with octets
# as characters up to U+00FF, or {"command":"unbind"}. Answers deliver_sm. Writes every PDU that comes, one JSON object a line.
use strict;
use warnings;
use IO::Select;
use JSON::PP;
use Net::SMPP;

$| = 1;
my ($port, $bind) = @ARGV;
my $json = JSON::PP->new->ascii->canonical;
my $make = "new_$bind";
my ($session, $bound) = Net::SMPP->$make(
  '127.0.0.1',
  port      => $port,
  system_id => 'net-smpp',
  password  => 'secret',
) or die "cannot connect: $!";
show($bound);
exit 1 if $bound->{status};

my $select = IO::Select->new($session, \*STDIN);
my $pending = '';
while (1) {
  for my $handle ($select->can_read) {
    if ($handle == $session) {
      my $pdu = $session->read_pdu or exit 0;
      my $command = show($pdu);
      $session->deliver_sm_resp(seq => $pdu->{seq}, message_id => '') if $command eq 'deliver_sm';
      $session->enquire_link_resp(seq => $pdu->{seq}) if $command eq 'enquire_link';
      exit 0 if $command eq 'unbind_resp';
      next;
    }
    sysread(STDIN, $pending, 65536, length $pending) or exit 0;
    while ($pending =~ s/^([^\n]*)\n//) {
      my %fields = %{ JSON::PP->new->utf8->decode($1) };
      my $command = delete $fields{command};
      $session->$command(async => 1, %fields);
    }
  }
}

sub show {
  my ($pdu) = @_;
  my $command = Net::SMPP::pdu_tab->{ $pdu->{cmd} }{cmd} // 'unknown';
  my %shown = (%$pdu, command => $command);
  delete $shown{data};
  delete @shown{ grep { /^\d+$/ } keys %shown };
  print $json->encode(\%shown), "\n";
  return $command;
}
