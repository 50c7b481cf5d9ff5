-- expect: true
pcall(function() os.exit(7) end) pcall(function() os.setenv('EVIL','1') end)
--8<-- victim
return true
