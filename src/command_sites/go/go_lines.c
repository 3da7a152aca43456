#include "command_sites/go/go_lines.h"

#include "base/array.h"

/* A program of a thousand files has some hundred such lines. */
enum { MOST_LINES = 8000, MOST_SEARCHED = 64 << 20 };

struct scan {
	struct go_lines *lines;
	const struct go_tokens *tokens;
	struct str path;
	size_t at;
	bool has_exec; /* os/exec is imported under its own name */
};

static struct go_token token(const struct scan *s, size_t i)
{
	return go_token_at(s->tokens, i);
}

static bool are(const struct scan *s, size_t i, const char *words)
{
	return go_tokens_are(s->tokens, i, words);
}

/* True when one of `n` rows of words stands there. */
static bool are_any(const struct scan *s, size_t i, const char *const *rows,
		    size_t n)
{
	while (n--)
		if (are(s, i, rows[n]))
			return true;
	return false;
}

#define ARE_ANY(s, i, rows) are_any(s, i, rows, sizeof rows / sizeof *rows)

static struct go_line *add(struct scan *s, enum go_act act, size_t at)
{
	struct go_lines *all = s->lines;
	struct go_line *l = ARRAY_ADD(all->arena, all->at, all->n, all->room);

	all->searched += s->tokens->n;
	*l = (struct go_line){.act = act,
			      .path = s->path,
			      .line = token(s, at).line,
			      .function = all->functions};
	return l;
}

/* --- expressions ---------------------------------------------------------- */

/* The end of the expression at `i`: a comma, a closing bracket, or the end of
 * its line. */
static size_t end_of_value(const struct scan *s, size_t i)
{
	size_t begin = i;

	while (i < s->tokens->n) {
		struct go_token t = token(s, i);

		if (i > begin && t.line > token(s, i - 1).line &&
		    !are(s, i - 1, ".") && !are(s, i - 1, "+"))
			return i;
		if (t.kind == GO_SIGN && t.text.len == 1 &&
		    strchr(",;)]}", *t.text.at))
			return i;
		if (are(s, i, "(") || are(s, i, "[") || are(s, i, "{"))
			i = go_tokens_behind(s->tokens, i);
		else
			i++;
	}
	return i;
}

static size_t next_argument(const struct scan *s, size_t i)
{
	i = end_of_value(s, i);
	return are(s, i, ",") ? i + 1 : s->tokens->n;
}

static void read_given(const struct scan *s, size_t i, size_t end,
		       struct go_line *l)
{
	size_t room = 0;

	for (; i < end; i++) {
		struct str text = token(s, i).text;
		const char *sign =
			text.len ? memchr(text.at, '=', text.len) : NULL;

		if (sign && token(s, i).kind == GO_STRING)
			*ARRAY_ADD(s->lines->arena, l->given.at, l->given.n,
				   room) =
				(struct str){text.at, (size_t)(sign - text.at)};
	}
}

/* []string{"A=b", "B=" + b}: each begins with a name. */
static bool has_only_names(const struct scan *s, size_t i)
{
	size_t end = go_tokens_behind(s->tokens, i + 3) - 1;

	if (!are(s, i, "[ ] string {"))
		return false;
	for (i += 4; i < end; i = next_argument(s, i)) {
		struct str text = token(s, i).text;

		if (token(s, i).kind != GO_STRING ||
		    !memchr(text.at, '=', text.len))
			return false;
	}
	return true;
}

/* What a list of the environment at `i` has of the program's own. `of`: the
 * variable whose list is set; len 0: none. */
static void read_env(const struct scan *s, size_t i, struct str of,
		     struct go_line *l)
{
	bool appends = are(s, i, "append (");
	size_t list = appends ? i + 2 : i, end = end_of_value(s, i);

	read_given(s, i, end, l);
	l->is_all_there = has_only_names(s, i);
	if (are(s, list, "$ . Environ ( )")) {
		l->is_whole = appends ? are(s, list + 5, ",") : end == list + 5;
		l->is_untouched = !appends && l->is_whole;
	} else if (are(s, i, "nil") && end == i + 1) {
		l->is_whole = l->is_untouched = true;
	} else if (appends && of.len && str_eq(token(s, list).text, of) &&
		   are(s, list + 1, ". Env")) {
		l->adds_to_given = true;
	}
}

/* The literal strings from `i` on, with commas between, up to `end`. */
static void read_words(const struct scan *s, size_t i, size_t end,
		       struct go_line *l)
{
	size_t room = 0;

	while (i < end && token(s, i).kind == GO_STRING &&
	       (i + 1 == end || are(s, i + 1, ","))) {
		*ARRAY_ADD(s->lines->arena, l->words.at, l->words.n, room) =
			token(s, i).text;
		i += 2;
	}
	l->has_all_words = i >= end && l->words.n;
}

/* []string{...}: its strings. */
static void read_list(const struct scan *s, size_t i, struct go_line *l)
{
	if (are(s, i, "[ ] string {"))
		read_words(s, i + 4, go_tokens_behind(s->tokens, i + 3) - 1, l);
}

/* The variable to which the expression at `i` is assigned. */
static struct str variable_before(const struct scan *s, size_t i)
{
	if (i && are(s, i - 1, "&"))
		i--;
	if (i < 2 || !(are(s, i - 1, "=") || are(s, i - 1, ":=")) ||
	    token(s, i - 2).kind != GO_NAME)
		return (struct str){NULL, 0};
	if (i > 3 && are(s, i - 3, ",") && token(s, i - 4).kind == GO_NAME)
		return token(s, i - 4).text; /* `p, err := ...` */
	return token(s, i - 2).text;
}

/* --- launches ------------------------------------------------------------- */

static struct go_line *add_launch(struct scan *s, enum go_act act)
{
	struct go_line *l = add(s, act, s->at);

	l->variable = variable_before(s, s->at);
	return l;
}

/* exec.Command(NAME, ARGUMENTS) */
static void add_command(struct scan *s)
{
	bool has_context = are(s, s->at + 2, "CommandContext");
	size_t open = s->at + 3, first = open + 1;
	struct go_line *l = add_launch(s, GO_STARTS);

	if (has_context)
		first = next_argument(s, first);
	read_words(s, first, go_tokens_behind(s->tokens, open) - 1, l);
}

/* syscall.Exec(PATH, ARGUMENTS, ENV), os.StartProcess(PATH, ARGUMENTS, ATTR) */
static void add_system_call(struct scan *s)
{
	size_t list = next_argument(s, s->at + 4);
	bool becomes = are(s, s->at + 2, "Exec (");
	struct go_line *l = add_launch(s, becomes ? GO_BECOMES : GO_STARTS);

	l->keeps_repeated = true;
	read_list(s, list, l);
	if (becomes)
		read_env(s, next_argument(s, list), (struct str){NULL, 0}, l);
}

/* exec.Cmd{Args: ...} */
static void add_literal(struct scan *s)
{
	size_t end = go_tokens_behind(s->tokens, s->at + 3);
	struct go_line *l = add_launch(s, GO_STARTS);

	for (size_t i = s->at + 4; i < end; i++)
		if (are(s, i, "Args :"))
			read_list(s, i + 2, l);
}

static const char *const system_calls[] = {
	"os . StartProcess (", "syscall . StartProcess (", "syscall . Exec (",
	"unix . Exec (",       "syscall . ForkExec (",	   "unix . ForkExec (",
};

static const char *const commands[] = {"exec . Command (",
				       "exec . CommandContext ("};

static void scan_launch(struct scan *s)
{
	if (ARE_ANY(s, s->at, commands))
		add_command(s);
	else if (ARE_ANY(s, s->at, system_calls))
		add_system_call(s);
	else if (are(s, s->at, "exec . Cmd {"))
		add_literal(s);
	else if (are(s, s->at, "new ( exec . Cmd )") ||
		 are(s, s->at, "var $ exec . Cmd"))
		add_launch(s, GO_STARTS);
	else
		return;
	if (!s->has_exec && are(s, s->at, "exec"))
		s->lines->has_unknown = true;
}

/* --- environments --------------------------------------------------------- */

/* True when the file says that the variable is a command, or the attributes of
 * a process. */
static bool is_command(const struct scan *s, struct str variable)
{
	static const char *const types[] = {
		"exec . Cmd", "os . ProcAttr", "syscall . ProcAttr",
		"exec . Command", "exec . CommandContext"};

	s->lines->searched += s->tokens->n;
	for (size_t i = 0; i < s->tokens->n; i++) {
		size_t type = i + 1;

		if (!str_eq(token(s, i).text, variable))
			continue;
		if (are(s, type, ":=") || are(s, type, "="))
			type++;
		if (are(s, type, "new ("))
			type += 2;
		if (are(s, type, "*") || are(s, type, "&"))
			type++;
		if (ARE_ANY(s, type, types))
			return true;
	}
	return false;
}

/* The launch of the same function that made the variable. 0: none. */
static size_t launch_of(const struct go_lines *all, struct str variable)
{
	for (size_t i = all->n; i--;)
		if (all->at[i].act == GO_STARTS &&
		    all->at[i].function == all->functions &&
		    str_eq(all->at[i].variable, variable))
			return i + 1;
	return 0;
}

/* "prod", os.Getenv("APP_ENV"): no list. */
static bool is_one_string(const struct scan *s, size_t i)
{
	return token(s, i).kind == GO_STRING || are(s, i, "os . Getenv (");
}

/* `c.Stdout, c.Env = a, b`: the last of several. */
static bool is_last_of_several(const struct scan *s)
{
	size_t i = s->at;

	while (i > 1 && are(s, i - 1, "."))
		i -= 2;
	return i && are(s, i - 1, ",");
}

/* c.Env = ... */
static void add_assignment(struct scan *s)
{
	struct str variable = token(s, s->at).text;
	size_t launch = launch_of(s->lines, variable);
	bool is_doubtful = !are(s, s->at + 3, "=") || is_last_of_several(s) ||
			   !is_command(s, variable);
	struct go_line *l;

	if (is_doubtful && is_one_string(s, s->at + 4))
		return;
	l = add(s, GO_GIVES_ENV, s->at);
	l->launch = launch;
	l->is_doubtful = is_doubtful;
	read_env(s, s->at + 4, variable, l);
}

/* The place of the bracket around `i`, or 0. */
static size_t bracket_around(const struct scan *s, size_t i)
{
	size_t depth = 0;

	s->lines->searched += i;
	while (i--) {
		if (are(s, i, "}") || are(s, i, ")") || are(s, i, "]"))
			depth++;
		else if (are(s, i, "{") || are(s, i, "(") || are(s, i, "["))
			if (!depth--)
				return i;
	}
	return 0;
}

/* The launch that the literal at the line is. 0: none. */
static size_t launch_at(const struct go_lines *all, unsigned long line)
{
	for (size_t i = all->n; i--;)
		if (all->at[i].act == GO_STARTS && all->at[i].line == line &&
		    all->at[i].function == all->functions)
			return i + 1;
	return 0;
}

/* exec.Cmd{Env: ...}: of a type that is left out, it may be such a line. */
static void add_member(struct scan *s)
{
	size_t open = bracket_around(s, s->at);
	bool is_known = open > 3 && (are(s, open - 3, "exec . Cmd") ||
				     are(s, open - 3, "os . ProcAttr") ||
				     are(s, open - 3, "syscall . ProcAttr"));
	bool has_type = open && token(s, open - 1).kind == GO_NAME;
	struct go_line *l;

	if (!are(s, open, "{") || (!is_known && has_type) ||
	    is_one_string(s, s->at + 2))
		return;
	l = add(s, GO_GIVES_ENV, s->at);
	l->is_doubtful = !is_known;
	read_env(s, s->at + 2, (struct str){NULL, 0}, l);
	if (is_known && are(s, open - 3, "exec"))
		l->launch = launch_at(s->lines, token(s, open - 3).line);
}

/* `c.Stdout, c.Env = a, b` */
static bool is_one_of_several(const struct scan *s)
{
	size_t i = s->at + 3;

	while (are(s, i, ", $")) {
		i += 2;
		while (are(s, i, ". $"))
			i += 2;
	}
	return i > s->at + 3 && are(s, i, "=");
}

static void scan_env(struct scan *s)
{
	static const char *const unsets[] = {
		"os . Unsetenv (", "os . Clearenv (", "syscall . Unsetenv (",
		"syscall . Clearenv ("};

	if (are(s, s->at, "$ . Env =") ||
	    (are(s, s->at, "$ . Env ,") && is_one_of_several(s)))
		add_assignment(s);
	else if (are(s, s->at, "Env :"))
		add_member(s);
	else if (ARE_ANY(s, s->at, unsets)) {
		struct go_line *l = add(s, GO_UNSETS, s->at);

		if (token(s, s->at + 4).kind == GO_STRING)
			l->name = token(s, s->at + 4).text;
	}
}

/* --- a file --------------------------------------------------------------- */

static const char packages[] = "os os/exec syscall golang.org/x/sys/unix";

/* `import ex "os/exec"` */
static void scan_import(struct scan *s)
{
	struct go_token t = token(s, s->at);

	if (t.kind != GO_STRING || !s->at || !str_is_listed(t.text, packages))
		return;
	if (are(s, s->at - 1, ".") || (token(s, s->at - 1).kind == GO_NAME &&
				       !are(s, s->at - 1, "import")))
		s->lines->has_unknown = true;
	s->has_exec |= str_eq(t.text, STR("os/exec"));
}

/* A method's name or a member's is none of a package: `x.exec.Command`. */
static bool begins_name(const struct scan *s)
{
	return token(s, s->at).kind == GO_NAME &&
	       !(s->at && are(s, s->at - 1, "."));
}

static void scan_token(struct scan *s, bool is_outside)
{
	if (is_outside && are(s, s->at, "func"))
		s->lines->functions++;
	if (begins_name(s))
		scan_launch(s);
	if (token(s, s->at).kind == GO_NAME)
		scan_env(s);
}

void go_lines_add(struct go_lines *lines, struct str path, struct str text)
{
	struct go_tokens tokens = go_tokens_of(lines->arena, text);
	struct scan s = {.lines = lines, .tokens = &tokens, .path = path};
	bool is_in_imports = true;
	size_t depth = 0;

	lines->functions++; /* for what stands before the first */
	for (; s.at < tokens.n && !lines->is_cut; s.at++) {
		bool is_open = are(&s, s.at, "{") || are(&s, s.at, "(");
		bool is_close = are(&s, s.at, "}") || are(&s, s.at, ")");

		depth += is_open;
		depth -= is_close && depth;
		is_in_imports &=
			!are(&s, s.at, "func") && !are(&s, s.at, "type") &&
			!are(&s, s.at, "var") && !are(&s, s.at, "const");
		if (is_in_imports)
			scan_import(&s);
		scan_token(&s, !depth);
		lines->is_cut = lines->n > MOST_LINES ||
				lines->searched > MOST_SEARCHED;
	}
}
