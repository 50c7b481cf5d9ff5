-- Fails each time.

tries = (tries or 0) + 1
error("this module fails, try " .. tries)
