#include "recorder/runtimes/v8/v8_source_map.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/recorder.h"
#include "shared/source_map.h"
#include "shared/source_map_path.h"
#include "shared/source_owner.h"

#define FUNCTIONS(F)                                                           \
	F(url, local, (local),                                                 \
	  "_ZNK2v810StackFrame25GetScriptSourceMappingURLEv")                  \
	F(script, int, (local), "_ZNK2v810StackFrame11GetScriptIdEv")          \
	F(is_string, bool, (local), "_ZNK2v85Value12FullIsStringEv")           \
	F(length, int, (local), "_ZNK2v86String6LengthEv")                     \
	F(is_one_byte, bool, (local), "_ZNK2v86String9IsOneByteEv")

static struct {
	FUNCTIONS(ELF_FUNCTION)
	/* Up to Node 22; from Node 24 on. */
	int (*write)(local, void *isolate, char *, int at, int n, int options);
	void (*write_v2)(local, void *isolate, uint32_t at, uint32_t n, char *,
			 int flags);
} of;

/* 20 ms for each process; a byte of base64 takes about 8 ns. */
enum {
	MOST_BYTES = 1 << 20,
	BUDGET = 20 * 1000 * 1000,
	BUDGET_OF_UNIMPORTANT = BUDGET / 4,
	NS_A_BYTE = 8,
	KNOWN = 32
};

/* ---- the text of the map ------------------------------------------------- */

struct map_url {
	void *isolate;
	local string;
	size_t length;
};

static size_t read_url(void *map_url, size_t at, char *to, size_t most)
{
	enum { NO_TERMINATION = 2 };
	const struct map_url *u = map_url;
	size_t n = at < u->length ? u->length - at : 0;

	n = n < most ? n : most;
	if (n && of.write_v2)
		of.write_v2(u->string, u->isolate, (uint32_t)at, (uint32_t)n,
			    to, 0);
	else if (n)
		of.write(u->string, u->isolate, to, (int)at, (int)n,
			 NO_TERMINATION);
	return n;
}

/* data:application/json;charset=utf-8;base64,eyJ2... False: a file. */
static bool is_inline(struct map_url *u, struct json_stream_text *ret)
{
	static const char type[] = "data:application/json",
			  base64[] = ";base64";
	char head[64];
	size_t n = read_url(u, 0, head, sizeof head - 1), comma = 0;

	head[n] = '\0';
	if (!str_begins(head, type))
		return false;
	while (comma < n && head[comma] != ',')
		comma++;
	*ret = (struct json_stream_text){
		.read = read_url,
		.of = u,
		.begin = comma + 1,
		.encoding = str_mentions(head, comma, base64)
				    ? JSON_STREAM_BASE64
				    : JSON_STREAM_PERCENT};
	return true;
}

/* ---- answers ------------------------------------------------------------- */

struct mapped {
	uint64_t of;	      /* hash of the place in the script; 0: unused */
	uint64_t script_file; /* hash of its name */
	int script;	      /* its number; a script may be loaded anew */
	uint32_t line, column;
	char file[SOURCE_POS_FILE]; /* "": the map does not tell */
};

/* The memory of a search. A second thread does not wait for it. */
static struct {
	_Atomic bool is_busy;
	struct mapper {
		struct source_map search;
		struct mapped known[KNOWN];
		uint32_t next;
	} * mapper;
	uint64_t spent; /* ns */
} shared;

static bool begin(void)
{
	if (atomic_exchange(&shared.is_busy, true))
		return false;
	if (!shared.mapper)
		shared.mapper = sys_memory(sizeof *shared.mapper);
	if (!shared.mapper)
		atomic_store(&shared.is_busy, false);
	return shared.mapper;
}

/* Nothing of the program's source stays in memory of ours. */
static void end(void)
{
	char *piece = shared.mapper->search.json.piece;

	__builtin_memset(piece, 0, JSON_STREAM_PIECE);
	__asm__ volatile("" : : "r"(piece) : "memory");
	atomic_store(&shared.is_busy, false);
}

/* `script` 0: whichever. */
static struct mapped *find_known(uint64_t hash, int script)
{
	struct mapped *m = shared.mapper->known;

	for (; m < shared.mapper->known + KNOWN; m++)
		if (m->of == hash &&
		    (!script || !m->script || m->script == script))
			return m;
	return NULL;
}

static bool may_spend(size_t bytes, bool is_important)
{
	uint64_t budget = is_important ? BUDGET : BUDGET_OF_UNIMPORTANT;

	return bytes <= MOST_BYTES &&
	       shared.spent + bytes * NS_A_BYTE <= budget;
}

static void find(const struct json_stream_text *text,
		 const struct source_pos *place, struct mapped *ret)
{
	struct source_map *search = &shared.mapper->search;
	struct source_map_position at = {(uint32_t)place->line - 1,
					 (uint32_t)place->column - 1};
	uint64_t before = now();

	ret->file[0] = '\0';
	if (!source_map_find(search, text, at) ||
	    !source_map_path(ret->file, sizeof ret->file, place->file,
			     search->root, search->name))
		ret->file[0] = '\0';
	ret->line = search->found.line + 1;
	ret->column = search->found.column + 1;
	shared.spent += now() - before;
}

static uint64_t hash_of_file(const struct source_pos *place)
{
	return hash_bytes(0, place->file, str_length(place->file));
}

struct script {
	int number; /* 0: not known */
	struct map_url url;
	struct json_stream_text text;
	bool is_important;
};

/* NULL: not known, and too dear to find. */
static const struct mapped *look_up(const struct script *s, uint64_t hash,
				    const struct source_pos *place)
{
	struct mapped *found = find_known(hash, s->number);

	if (found || !may_spend(s->url.length, s->is_important))
		return found;
	found = &shared.mapper->known[shared.mapper->next++ % KNOWN];
	found->of = hash;
	found->script = s->number;
	found->script_file = hash_of_file(place);
	find(&s->text, place, found);
	return found;
}

static void use(const struct mapped *found, struct source_pos *place)
{
	if (found && !found->file[0])
		place->map = SOURCE_POS_MAP_SILENT;
	if (!found || !found->file[0])
		return;
	place->script_line = (uint32_t)place->line;
	place->script_column = (uint32_t)place->column;
	place->line = found->line;
	place->column = found->column;
	place->script[0] = '\0';
	if (!str_equal(place->file, found->file) &&
	    !str_append(place->script, SOURCE_POS_SCRIPT, place->file))
		place->script[0] = '\0';
	place->file[0] = '\0';
	str_append(place->file, SOURCE_POS_FILE, found->file);
}

static uint64_t hash_of(const void *isolate, const struct source_pos *place)
{
	uint64_t hash = hash_word(source_pos_hash(place), (uintptr_t)isolate);

	return hash ? hash : 1;
}

/* ---- a frame ------------------------------------------------------------- */

static bool find_functions(void)
{
	static _Atomic int answer; /* 0: not known yet */

	if (answer)
		return answer == 2;
	if (elf_symbols(FUNCTIONS(ELF_NAME), (void **)&of)) {
		*(void **)&of.write_v2 =
			elf_symbol("_ZNK2v86String14WriteOneByteV2EPNS_"
				   "7IsolateEjjPhi");
		*(void **)&of.write =
			elf_symbol("_ZNK2v86String12WriteOneByteEPNS_"
				   "7IsolateEPhiii");
	}
	answer = of.write || of.write_v2 ? 2 : 1;
	return answer == 2;
}

/* A library's source is in no package. */
bool v8_may_map(const struct source_pos *place)
{
	return place->line && place->column && find_functions() &&
	       find_source_owner(place->file, str_length(place->file)).owner ==
		       SOURCE_OWN;
}

bool v8_is_map_url(local url)
{
	return url && find_functions() && of.is_string(url);
}

bool v8_has_map(local frame)
{
	return find_functions() && v8_is_map_url(of.url(frame));
}

static void map_place(struct script *s, struct source_pos *place)
{
	struct map_url *url = &s->url;

	if (!v8_is_map_url(url->string))
		return;
	place->map = SOURCE_POS_MAP_FILE;
	if (!of.is_one_byte(url->string))
		return;
	url->length = (size_t)of.length(url->string);
	if (!is_inline(url, &s->text))
		return;
	place->map = SOURCE_POS_MAP_INLINE;
	if (!begin())
		return;
	use(look_up(s, hash_of(url->isolate, place), place), place);
	end();
}

__attribute__((noinline)) void v8_map_frame(void *isolate, local frame,
					    bool is_important,
					    struct source_pos *place)
{
	struct script s = {.url.isolate = isolate,
			   .is_important = is_important};

	if (!place->map)
		return;
	place->map = SOURCE_POS_NO_MAP;
	if (!v8_may_map(place))
		return;
	s.number = of.script(frame);
	s.url.string = of.url(frame);
	map_place(&s, place);
}

void v8_map_by_url(void *isolate, local url, struct source_pos *place)
{
	struct script s = {.url = {.isolate = isolate, .string = url},
			   .is_important = true};

	if (v8_may_map(place))
		map_place(&s, place);
}

bool v8_has_met_maps(void)
{
	return shared.mapper;
}

static bool has_inline_map(uint64_t script_file)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (shared.mapper->known[i].of &&
		    shared.mapper->known[i].script_file == script_file)
			return true;
	return false;
}

void v8_map_again(void *isolate, struct source_pos *place)
{
	if (!shared.mapper || !v8_may_map(place) || !begin())
		return;
	if (has_inline_map(hash_of_file(place)))
		place->map = SOURCE_POS_MAP_INLINE;
	use(find_known(hash_of(isolate, place), 0), place);
	end();
}
