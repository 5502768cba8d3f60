# RubyGems' own order. Reads lines of two versions with a tab between them, writes -1, 0 or 1 for each.
STDIN.each_line do |line|
  a, b = line.chomp.split("\t")
  puts(Gem::Version.new(a) <=> Gem::Version.new(b))
end
