# An SMSC of Perl's Net::SMPP: takes binds and messages, and reports each message delivered. Writes every PDU that comes,
# one JSON object a line, after a first line with its port.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json = JSON::PP->new->ascii->canonical;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0) or die "cannot listen: $!";
print $json->encode({ port => $listener->sockport }), "\n";

while (1) {
  # Waits two minutes and then comes back empty.
  my $session = $listener->accept or next;
  my $pid = fork;
  die "cannot fork: $!" unless defined $pid;
  next if $pid;
  serve($session);
  exit 0;
}

sub serve {
  my ($session) = @_;
  my $taken = 0;
  while (my $pdu = $session->read_pdu) {
    my $command = Net::SMPP::pdu_tab->{ $pdu->{cmd} }{cmd} // 'unknown';
    my %shown = (%$pdu, command => $command);
    delete $shown{data};
    # Parameters are there by name and by number; the names suffice.
    delete @shown{ grep { /^\d+$/ } keys %shown };
    print $json->encode({ %shown, pid => $$ }), "\n";
    if ($command =~ /^bind_(?:transceiver|transmitter|receiver)$/) {
      my $answer = "${command}_resp";
      $session->set_version(0x34);
      $session->$answer(seq => $pdu->{seq}, system_id => 'net-smpp');
    } elsif ($command eq 'submit_sm') {
      my $id = sprintf('%X-%d', $$, ++$taken);
      $session->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
      next unless $pdu->{registered_delivery} & 1;
      my $text = "id:$id sub:001 dlvrd:001 submit date:2611261200 done date:2611261201 stat:DELIVRD err:000 text:";
      $session->deliver_sm(
        async                => 1,
        source_addr_ton      => $pdu->{dest_addr_ton},
        source_addr_npi      => $pdu->{dest_addr_npi},
        source_addr          => $pdu->{destination_addr},
        dest_addr_ton        => $pdu->{source_addr_ton},
        dest_addr_npi        => $pdu->{source_addr_npi},
        destination_addr     => $pdu->{source_addr},
        esm_class            => 0x04,
        short_message        => $text,
        receipted_message_id => "$id\0",
        message_state        => "\x02",
      );
    } elsif ($command eq 'enquire_link') {
      $session->enquire_link_resp(seq => $pdu->{seq});
    } elsif ($command eq 'unbind') {
      $session->unbind_resp(seq => $pdu->{seq});
      return;
    }
  }
}
