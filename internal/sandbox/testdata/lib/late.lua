late_loads = (late_loads or 0) + 1
return {n = late_loads}
