package tape

// part is a part of a line, with what in it is the tape's own: keys, times, names that the program or the config gives,
// words and numbers of the engine. Masks leave that alone, since a tape could not be read without it: else a share
// whose name is hidden and happens to be "args" would take its record's arguments away. All other texts and numbers
// come from clients, scripts, drivers and the world. A nil part has nothing that is the tape's own.
type part struct {
	own     bool             // all of it
	members map[string]*part // of an object, or of the objects of a list
}

// member is the part of a member of an object.
func (p *part) member(name string) *part {
	if p == nil || p.own {
		return p
	}
	return p.members[name]
}

var own = &part{own: true}

// The lines of a tape.
var (
	headerPart = &part{members: map[string]*part{
		"tape": own, "service": own, "generation": own, "at": own, "zone": own, "scripts": own, "objects": own,
		"load": {members: map[string]*part{"hook": own, "answers": answerPart}},
	}}
	callPart = &part{members: map[string]*part{
		"service": own, "method": own, "at": own, "tick": own, "error": {}, "recorded": recordedPart,
	}}
	recordedPart = &part{members: map[string]*part{
		"generation": own, "id": own, "dry_run": own, "duration_ns": own, "outcome": own,
		"driver": {members: map[string]*part{"called": own, "error": failurePart}}, "steps": stepPart, "error": failurePart,
	}}
	stepPart = &part{members: map[string]*part{
		"hook": own, "script": own, "phase": own, "status": own, "duration_ns": own, "instructions": own,
		"changes": changePart, "dropped": {members: map[string]*part{"of": own, "why": own, "changes": changePart}},
		"logs": {members: map[string]*part{"level": own}}, "effects": effectPart, "error": failurePart, "answers": answerPart,
	}}
	failurePart = &part{members: map[string]*part{"kind": own, "hook": own, "script": own, "phase": own, "line": own}}
	changePart  = &part{members: map[string]*part{"op": own}}
	effectPart  = &part{members: map[string]*part{"kind": own, "sent": own, "op": own, "measure": own}}
	answerPart  = &part{members: map[string]*part{
		"kind": own, "value": {}, "instructions": own, "error": {members: map[string]*part{"kind": own, "code": own}},
	}}
)
