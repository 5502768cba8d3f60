-- rpm's own order. Reads lines of two versions with a tab between them, writes -1, 0 or 1 for each.
for line in io.lines() do
  local a, b = line:match("^([^\t]+)\t(.+)$")
  io.write(rpm.vercmp(a, b), "\n")
end
