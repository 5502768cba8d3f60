# PEP 440 as the packaging library orders it. Reads lines of two versions with a tab between them,
# writes -1, 0 or 1 for each.
import sys
from packaging.version import Version

for line in sys.stdin:
    a, b = (Version(text) for text in line.rstrip("\n").split("\t"))
    print((a > b) - (a < b))
