package check

import "github.com/hookrun/hookrun/config"

// Finding is a mistake in a script, or in what its config says of it.
type Finding struct {
	config.Problem
	Code Code
	// Column is where it begins in the line, and End the column after it, in characters from 1; 0 where that is not
	// known.
	Column, End int
	Fix         *Fix // how it can be mended; nil where only the author knows
}

// Severity says how much a mistake matters.
type Severity string

const (
	Error   Severity = "error"   // it fails when it is reached, or never does what it says
	Warning Severity = "warning" // it may well be meant otherwise
)

// Code tells kinds of mistakes apart: it stands in comments that silence them.
type Code string

// Rule is what is known of a kind of mistakes.
type Rule struct {
	Code     Code
	Severity Severity
	About    string // a sentence
}

// Config is the code of mistakes in what a config says, and of those that come out when a script is loaded.
const Config Code = "config"

const (
	accidentalGlobal Code = "accidental-global"
	argumentCount    Code = "argument-count"
	deadCode         Code = "unreachable-code"
	definedTwice     Code = "defined-twice"
	droppedChange    Code = "dropped-change"
	endlessLoop      Code = "endless-loop"
	hostNotAllowed   Code = "host-not-allowed"
	impossibleValue  Code = "impossible-value"
	lateReject       Code = "late-reject"
	lostUpdate       Code = "lost-update"
	neverCalled      Code = "never-called"
	neverRuns        Code = "never-runs"
	noSink           Code = "no-sink"
	noStore          Code = "no-store"
	notChecked       Code = "not-checked"
	notInHooks       Code = "not-in-hooks"
	readOnly         Code = "read-only"
	shadowed         Code = "shadowed"
	syntaxError      Code = "syntax"
	undefinedGlobal  Code = "undefined-global"
	unknownCode      Code = "unknown-code"
	unknownField     Code = "unknown-field"
	unknownFunction  Code = "unknown-function"
	unknownMethod    Code = "unknown-method"
	unknownModule    Code = "unknown-module"
	unreadGlobal     Code = "unread-global"
	unreadOption     Code = "unread-option"
	unsetOption      Code = "unset-option"
	unusedLocal      Code = "unused-local"
)

// Rules returns all kinds of mistakes, by code.
func Rules() []Rule {
	return []Rule{
		{accidentalGlobal, Warning, "A global that one function alone uses, and sets before it reads it, is meant to be local."},
		{argumentCount, Error, "A function of the library is called with too few arguments, or with too many; or one for the engine names more than it gets."},
		{Config, Error, "The config has a key or a value that it cannot have, or a script cannot be loaded."},
		{definedTwice, Error, "A function that the engine calls is defined twice, so that the first one never runs."},
		{droppedChange, Warning, "A change of arguments or results has no effect where it is made."},
		{endlessLoop, Error, "Nothing ends a while or a repeat but the end of the run's instructions."},
		{hostNotAllowed, Error, "A request goes where the config does not allow it to: see allow_http and allow_http_writes."},
		{impossibleValue, Error, "A value is compared with what it never is: a text that it never has, or another kind."},
		{lateReject, Error, "reject refuses a call before its driver runs, and works in pre only."},
		{lostUpdate, Warning, "What is read before a host method or a request, and written after it by what was read, loses what other runs wrote meanwhile (concurrent > 1)."},
		{neverCalled, Error, "A function looks like one that the engine calls, but is none."},
		{neverRuns, Error, "No call and no tick can ever run the hook, whatever is switched on."},
		{noSink, Warning, "No sink of the config takes the events of this type."},
		{noStore, Error, "Events and state need a store, which the config does not name."},
		{notChecked, Warning, "A part of the script was not checked: it has too many mistakes, is nested too deeply, or takes too long."},
		{notInHooks, Error, "Lua has it, but hooks do not."},
		{readOnly, Error, "A value that cannot be changed is assigned to."},
		{shadowed, Warning, "A local variable hides another one of the same name."},
		{syntaxError, Error, "The source is no Lua 5.1."},
		{undefinedGlobal, Error, "A global is read that nothing defines."},
		{unknownCode, Warning, "A comment silences a kind of mistakes that does not exist."},
		{unknownField, Error, "A field is named that the value cannot have."},
		{unknownFunction, Error, "A function is named that a library, a module or a host object does not have."},
		{unknownMethod, Error, "The service has no such method."},
		{unknownModule, Error, "There is no such module."},
		{unreadGlobal, Warning, "A global is set that nothing reads, or a function that nothing calls."},
		{deadCode, Warning, "Nothing reaches the statement."},
		{unreadOption, Warning, "An option is configured that the script does not read."},
		{unsetOption, Warning, "An option is used as if it were set, or under a name that is near another, and the config does not set it."},
		{unusedLocal, Warning, "A local variable is never read."},
	}
}

// EndsLoading reports whether a script with such a mistake is not loaded, for no other reason than that.
func (c Code) EndsLoading() bool {
	return c == syntaxError || c == definedTwice || c == unknownMethod || c == noStore || c == Config
}

// Severity returns how much mistakes of this kind matter.
func (c Code) Severity() Severity {
	for _, r := range Rules() {
		if r.Code == c {
			return r.Severity
		}
	}
	return Error
}
