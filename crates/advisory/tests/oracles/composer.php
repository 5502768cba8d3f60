<?php
// Composer's own order. Reads lines of two versions with a tab between them, writes -1, 0 or 1 for each.
require "/usr/share/php/Composer/Semver/autoload.php";
$parser = new Composer\Semver\VersionParser();
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = array_map([$parser, "normalize"], explode("\t", rtrim($line, "\n")));
    echo version_compare($a, $b), "\n";
}
