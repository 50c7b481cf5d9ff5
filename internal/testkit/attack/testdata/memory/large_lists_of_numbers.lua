-- expect: killed
-- memory: 1024
-- timeout: 1500ms
-- calls: 2
all = all or {}
for i = 1, 1e9 do local t = {} for j = 1, 1000 do t[j] = i + j / 2 end all[i] = t end
