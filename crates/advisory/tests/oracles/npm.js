// node-semver's own order, read loosely. Reads lines of two versions with a tab between them, writes
// -1, 0 or 1 for each.
const semver = require("semver");
const lines = require("fs").readFileSync(0, "utf8").trimEnd().split("\n");
const orders = lines.map((line) => semver.compare(...line.split("\t"), { loose: true }));
process.stdout.write(orders.join("\n") + "\n");
