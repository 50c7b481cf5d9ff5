// What calls hooks in Lua: a state, a share that scripts see, and the limits of a run.

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#ifdef WITH_LUAJIT
#include <luajit.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ID, SHARE_ID, NAME, PROJECT_ID, SHARE_PROTO, SHARE_TYPE, STATUS, HOST, TEXTS };

static const char *const names[TEXTS] = {"id", "share_id", "name", "project_id", "share_proto", "share_type", "status", "host"};

typedef struct { const char *at; size_t size; } text;
typedef struct { int64_t size; text texts[TEXTS]; } share;
typedef struct { int64_t size; uint32_t at, length; } row; // a share of a list: its size, and where its status is

typedef struct {
	lua_State *L;
	share share;
	char renamed[256]; // a name that a script has set
	const row *rows;
	const char *statuses;
	int count;
	// Limits, none where they are 0.
	int64_t instructions, nanoseconds;
	// What of them is left in this run.
	int64_t left, until;
} hooks;

// What a run came to.
typedef struct { const char *error; double number; int truth; } outcome;

// running is whose run is under way in this thread.
static __thread hooks *running;

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

enum { STRIDE = 1000 }; // instructions between two looks at the limits

static void look(lua_State *L, lua_Debug *d) {
	(void)d;
	running->left -= STRIDE;
	if (running->left < 0 || now() > running->until) luaL_error(L, "limit exceeded");
}

static int share_index(lua_State *L) {
	const share *s = *(share **)lua_touserdata(L, 1);
	const char *key = luaL_checkstring(L, 2);
	if (strcmp(key, "size") == 0) {
		lua_pushnumber(L, (lua_Number)s->size);
		return 1;
	}
	for (int i = 0; i < TEXTS; i++)
		if (strcmp(key, names[i]) == 0) {
			lua_pushlstring(L, s->texts[i].at, s->texts[i].size);
			return 1;
		}
	return 0;
}

static int share_newindex(lua_State *L) {
	share *s = *(share **)lua_touserdata(L, 1);
	size_t size;
	if (strcmp(luaL_checkstring(L, 2), "name") != 0) return luaL_error(L, "only the name can be set");
	const char *name = luaL_checklstring(L, 3, &size);
	if (size > sizeof running->renamed) return luaL_error(L, "the name is too long");
	s->texts[NAME].at = memcpy(running->renamed, name, size);
	s->texts[NAME].size = size;
	return 0;
}

static int managed_index(lua_State *L) {
	if (strcmp(luaL_checkstring(L, 2), "share") != 0) return 0;
	lua_getfield(L, LUA_REGISTRYINDEX, "the share");
	return 1;
}

static int row_index(lua_State *L) {
	const row *r = *(const row **)lua_touserdata(L, 1);
	const char *key = luaL_checkstring(L, 2);
	if (strcmp(key, "size") == 0) lua_pushnumber(L, (lua_Number)r->size);
	else if (strcmp(key, "status") == 0) lua_pushlstring(L, running->statuses + r->at, r->length);
	else return 0;
	return 1;
}

static void push(lua_State *L, const void *p, const char *type) {
	*(const void **)lua_newuserdata(L, sizeof p) = p;
	luaL_getmetatable(L, type);
	lua_setmetatable(L, -2);
}

static int rows_index(lua_State *L) {
	int i = luaL_checkint(L, 2);
	if (i < 1 || i > running->count) return 0;
	push(L, &running->rows[i - 1], "row");
	return 1;
}

static int rows_len(lua_State *L) {
	lua_pushinteger(L, running->count);
	return 1;
}

static void type(lua_State *L, const char *name, lua_CFunction index, lua_CFunction newindex, lua_CFunction len) {
	luaL_newmetatable(L, name);
	lua_pushcfunction(L, index);
	lua_setfield(L, -2, "__index");
	if (newindex) lua_pushcfunction(L, newindex), lua_setfield(L, -2, "__newindex");
	if (len) lua_pushcfunction(L, len), lua_setfield(L, -2, "__len");
	lua_pop(L, 1);
}

static hooks *hooks_open(int64_t instructions, int64_t nanoseconds) {
	hooks *h = calloc(1, sizeof *h);
	if (!h) return NULL;
	lua_State *L = h->L = luaL_newstate();
	if (!L) {
		free(h);
		return NULL;
	}
	luaL_openlibs(L);
	type(L, "share", share_index, share_newindex, NULL);
	type(L, "managed", managed_index, NULL, NULL);
	type(L, "row", row_index, NULL, NULL);
	type(L, "rows", rows_index, NULL, rows_len);
	push(L, &h->share, "share");
	lua_setfield(L, LUA_REGISTRYINDEX, "the share");
	push(L, h, "managed");
	lua_setfield(L, LUA_REGISTRYINDEX, "the record");
	push(L, h, "rows");
	lua_setfield(L, LUA_REGISTRYINDEX, "the shares");
	h->instructions = instructions, h->nanoseconds = nanoseconds;
	if (instructions) {
		lua_sethook(L, look, LUA_MASKCOUNT, STRIDE);
#ifdef WITH_LUAJIT
		luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF); // compiled code calls no hooks
#endif
	}
	return h;
}

static void hooks_close(hooks *h) {
	lua_close(h->L);
	free(h);
}

// begin sets the limits of what runs next.
static void begin(hooks *h) {
	running = h;
	h->left = h->instructions;
	h->until = h->instructions ? now() + h->nanoseconds : 0;
}

// hooks_load runs a script and returns a reference to the function that it defines, or an error.
static int hooks_load(hooks *h, const char *script, const char *function, const char **error) {
	begin(h);
	if (luaL_dostring(h->L, script)) {
		*error = lua_tostring(h->L, -1);
		return LUA_NOREF;
	}
	lua_getglobal(h->L, function);
	return luaL_ref(h->L, LUA_REGISTRYINDEX);
}

// hooks_run calls a function with a value of the registry, or with nothing.
static outcome hooks_run(hooks *h, int function, const char *argument) {
	lua_State *L = h->L;
	outcome o = {0};
	begin(h);
	lua_settop(L, 0);
	lua_rawgeti(L, LUA_REGISTRYINDEX, function);
	if (argument) lua_getfield(L, LUA_REGISTRYINDEX, argument);
	if (lua_pcall(L, argument ? 1 : 0, 1, 0)) {
		o.error = lua_tostring(L, -1);
		return o;
	}
	o.number = lua_tonumber(L, -1);
	o.truth = lua_toboolean(L, -1);
	return o;
}
