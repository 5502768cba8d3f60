# dpkg's own order. Reads lines of two versions with a tab between them, writes -1, 0 or 1 for each.
use Dpkg::Version;
while (my $line = <STDIN>) {
    chomp $line;
    my ($a, $b) = split /\t/, $line;
    print version_compare($a, $b), "\n";
}
