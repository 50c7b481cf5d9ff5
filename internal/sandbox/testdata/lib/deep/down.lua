return {name = ..., paths = require("paths")}
