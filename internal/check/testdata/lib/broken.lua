return ) --> syntax error near ")"
