-- expect: killed|contained | tables weigh a hundred times their text
return #json.decode("[" .. ("[],"):rep(1e6) .. "[]]")
