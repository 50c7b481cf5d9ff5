no_ran = (no_ran or 0) + 1
return false
