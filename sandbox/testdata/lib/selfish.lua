require("selfish")
