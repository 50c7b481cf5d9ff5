-- Functions that are defined or called with a colon get one value more, or one less, than they name.

function post:creat_snapshot(result) end --> post.creat_snapshot: the service has no method "creat_snapshot" (did you mean "create_snapshot"?)

function pre:create_share_instance(call) --> pre:create_share_instance: call gets nothing, since self comes before it: write pre.create_share_instance
  log.info(self.args.share.nmae) --> self.args.share.nmae: no such field (did you mean "name"?)
end

function post:create_snapshot(result)
  log.info(self.id, { size = result.size, path = result.pth }) --> result.pth: no such field
  self.args.snapshot.size = 1 --> self.args.snapshot.size: the change is dropped, since only pre changes arguments
end

function failed:create_snapshot(call, err) --> failed:create_snapshot: err gets nothing, since self comes before it: write failed.create_snapshot
end

function pre:create_snapshot()
  http:get("https://cmdb.example.org/") --> http:get hands in http itself as the first argument: write http.get
  print(crypto:uuid(), time:now()) --> crypto:uuid hands in crypto itself as the first argument: write crypto.uuid --> time:now hands in time itself as the first argument: write time.now
  print(string:rep("x", 3), os:clock()) --> string:rep hands in string itself as the first argument: write string.rep
  mailer:Send("x")
end

local failed = {}
function failed:anything(one, two, three) end
failed:anything()
