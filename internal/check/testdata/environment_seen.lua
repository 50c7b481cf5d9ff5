-- Globals that are assigned through _G by name are seen.

_G.first = 1
_G["second"] = 2
print(first, second, third) --> undefined global "third"
print(_G.fourth)
