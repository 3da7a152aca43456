#include "keytrail/trace.h"
#include "recorder/state/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/lib/clock.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"
#include "recorder/state/parent_settings.h"
#include "shared/file_rights.h"
#include "shared/settings_text.h"

enum { BOOT_DIGITS = 8 };

const char *env_value(char *const *envp, const char *name)
{
	size_t n = str_length(name);

	for (; envp && *envp; envp++)
		if (str_begins(*envp, name) && (*envp)[n] == '=')
			return *envp + n + 1;
	return NULL;
}

/* Copies [from, end) to a terminated text; false when it does not fit. */
static bool copy_part(char *to, size_t size, const char *from, const char *end)
{
	size_t n = (size_t)(end - from);

	if (n >= size)
		return false;
	__builtin_memcpy(to, from, n);
	to[n] = '\0';
	return true;
}

static void add_pattern(struct settings *c, const char *from, const char *end)
{
	char *at = c->patterns;

	while (*at)
		at += str_length(at) + 1;
	if (end > from &&
	    at + (end - from) + 2 <= c->patterns + sizeof c->patterns)
		copy_part(at, (size_t)(end - from) + 1, from, end);
}

struct parsed_settings {
	bool has_key, has_boot;
	uint64_t root; /* pid, or 0 */
	char keyfile[PATH_BYTES];
};

/* boot=ID.SECOND, told by a parent so that no birth need ask /proc (5 us). The
 * second when that boot began gives away a variable that was kept over a
 * reboot or carried to another machine. */
static bool is_this_boot(struct settings *c, const char *at, const char *end)
{
	uint64_t second, now = boot_second();

	if (end - at < BOOT_DIGITS + 2 || at[BOOT_DIGITS] != '.')
		return false;
	copy_part(c->boot, sizeof c->boot, at, at + BOOT_DIGITS);
	for (int i = 0; i < BOOT_DIGITS; i++)
		if (!is_hex(at[i]))
			return false;
	second = setting_number(at + BOOT_DIGITS + 1);
	return second <= now + 1 && now <= second + 1;
}

/* inode=DEVICE.INODE: the directory must be that one. */
static void read_inode(struct settings *c, const char *at, const char *end)
{
	const char *dot = str_find_char(at, '.');

	if (!dot || dot > end)
		return;
	c->device = setting_number(at);
	c->inode = setting_number(dot + 1);
}

static bool read_setting(struct settings *c, struct parsed_settings *s,
			 const struct setting *t)
{
	switch (t->id) {
	case SETTING_OFF:
		c->off = true;
		break;
	case SETTING_DIR:
		return copy_part(c->dir, sizeof c->dir, t->at, t->end);
	case SETTING_KEYFILE:
		return copy_part(s->keyfile, sizeof s->keyfile, t->at, t->end);
	case SETTING_KEY:
		return s->has_key = t->end - t->at == KEY_DIGITS &&
				    str_unhex(c->key, sizeof c->key, t->at);
	case SETTING_BOOT:
		s->has_boot = is_this_boot(c, t->at, t->end);
		break;
	case SETTING_INODE:
		read_inode(c, t->at, t->end);
		break;
	case SETTING_MAX:
		c->max = setting_number(t->at);
		break;
	case SETTING_STACKS:
		c->stacks = *t->at == '1';
		break;
	case SETTING_HTTP:
		c->http = *t->at == '1';
		break;
	case SETTING_ENDS:
		c->no_ends = *t->at == '0';
		break;
	case SETTING_WATCH:
		add_pattern(c, t->at, t->end);
		break;
	case SETTING_LABEL:
		copy_part(c->label, sizeof c->label, t->at, t->end);
		break;
	case SETTING_ROOT:
		s->root = setting_number(t->at);
		break;
	case SETTING_EXEC:
	case SETTING_OTHER:
		break;
	}
	return true;
}

static bool read_settings(struct settings *c, struct parsed_settings *s,
			  const char *text)
{
	struct setting t;

	while (setting_next(&text, &t))
		if (!read_setting(c, s, &t))
			return false;
	return true;
}

/* A directory of this user, where nobody else can put a file. */
static bool is_private(const char *dir)
{
	struct stat st;

	return !SYS(lstat, dir, &st) &&
	       is_directory_of(&st, (uint32_t)SYS(geteuid));
}

/* Appends as many hex digits as nobody guesses. */
static bool append_random(char *to, size_t size)
{
	uint8_t bytes[8];
	char digits[2 * sizeof bytes + 1] = "";

	if (SYS(getrandom, bytes, sizeof bytes, 0) != sizeof bytes)
		return false;
	str_hex(digits, bytes, sizeof bytes);
	return str_append(to, size, digits);
}

/* PARENT/keytrail-UID; where that is in somebody else's hands, a new directory
 * PARENT/keytrail-UID.RANDOM. */
static bool make_default(struct settings *c, const char *parent)
{
	char number[21];

	str_decimal(number, (uint32_t)SYS(geteuid));
	c->dir[0] = '\0';
	str_append(c->dir, sizeof c->dir, parent);
	str_append(c->dir, sizeof c->dir, "/keytrail-");
	if (!str_append(c->dir, sizeof c->dir, number))
		return false;
	if (SYS(mkdir, c->dir, 0700) == -ENOENT)
		return false;
	return is_private(c->dir) || (str_append(c->dir, sizeof c->dir, ".") &&
				      append_random(c->dir, sizeof c->dir) &&
				      !SYS(mkdir, c->dir, 0700));
}

/* KEYTRAIL could not name a path with a comma to children. */
static bool default_directory(struct settings *c, char *const *envp)
{
	const char *tmp = env_value(envp, "TMPDIR");

	return (tmp && *tmp == '/' && setting_can_hold(tmp) &&
		make_default(c, tmp)) ||
	       make_default(c, "/tmp");
}

/* Root or this user made the file. A stranger's hard link to a file that all
 * may read would be a key that the stranger knows. Only a file that KEYTRAIL
 * names may be read by all; such a file has no other name. */
static bool is_trusted_key(const struct stat *st, bool is_named)
{
	if (st->st_uid && st->st_uid != (uint32_t)SYS(geteuid))
		return false;
	return is_private_file(st) ||
	       (is_named && S_ISREG(st->st_mode) && only_owner_writes(st) &&
		st->st_nlink == 1);
}

/* Never a FIFO, which would hold up the host. */
static bool key_from_file(struct settings *c, const char *path, bool is_named)
{
	char digits[KEY_DIGITS];
	long fd = SYS(open, path,
		      O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	struct stat st;
	bool ok;

	if (fd < 0)
		return false;
	ok = !SYS(fstat, fd, &st) && is_trusted_key(&st, is_named) &&
	     SYS(read, fd, digits, sizeof digits) == sizeof digits;
	SYS(close, fd);
	return ok && key_file_read(c->key, digits);
}

static bool draw_key(struct settings *c)
{
	return SYS(getrandom, c->key, KEY_BYTES, 0) == KEY_BYTES;
}

static bool write_key(const struct settings *c, long fd)
{
	char text[KEY_FILE_BYTES];

	SYS(fchmod, fd, 0600); /* whatever the umask took */
	key_file_write(text, c->key);
	return SYS(write, fd, text, sizeof text) == sizeof text;
}

/* Made under a name that nobody guesses and then linked, so that nobody ever
 * reads half a key; when two start at once, the second link fails and it reads.
 */
static bool key_to_file(struct settings *c, const char *path)
{
	char temporary[PATH_BYTES + 32] = "";
	long fd;
	bool ok;

	str_append(temporary, sizeof temporary, path);
	str_append(temporary, sizeof temporary, ".");
	if (!append_random(temporary, sizeof temporary) || !draw_key(c))
		return false;
	fd = SYS(open, temporary,
		 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	ok = write_key(c, fd);
	SYS(close, fd);
	ok = ok && !SYS(link, temporary, path);
	SYS(unlink, temporary);
	return ok;
}

/* Somebody's hands are on the key's name: then this start has a key of its own,
 * which its children are handed. */
static bool key_despite(struct settings *c, const char *path)
{
	struct stat st;

	return !SYS(lstat, path, &st) && draw_key(c);
}

static bool find_key(struct settings *c, const char *keyfile)
{
	char path[PATH_BYTES + 8] = "";
	bool is_named = *keyfile;

	str_append(path, sizeof path, is_named ? keyfile : c->dir);
	if (!is_named && !str_append(path, sizeof path, KEY_FILE_SUFFIX))
		return false;
	return key_from_file(c, path, is_named) || key_to_file(c, path) ||
	       key_from_file(c, path, is_named) || key_despite(c, path);
}

static void read_boot(char boot[9])
{
	long fd = SYS(open, "/proc/sys/kernel/random/boot_id",
		      O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0 || SYS(read, fd, boot, BOOT_DIGITS) != BOOT_DIGITS)
		__builtin_memcpy(boot, "00000000", BOOT_DIGITS);
	boot[BOOT_DIGITS] = '\0';
	if (fd >= 0)
		SYS(close, fd);
}

size_t settings_variable_bytes(const struct settings *c)
{
	enum { ALL_BUT_TEXTS = 208 };
	size_t bytes =
		ALL_BUT_TEXTS + str_length(c->dir) + str_length(c->label);

	for (const char *p = c->patterns; *p; p += str_length(p) + 1)
		bytes += sizeof ",watch=" + str_length(p);
	return bytes;
}

static void append_number(char *to, size_t size, uint64_t n)
{
	char number[21];

	str_decimal(number, n);
	str_append(to, size, number);
}

static void append_setting(char *to, size_t size, enum setting_id id,
			   const char *value)
{
	str_append(to, size, ",");
	str_append(to, size, setting_name(id));
	str_append(to, size, value);
}

void settings_variable(const struct settings *c, char *to, size_t size)
{
	char digits[KEY_DIGITS + 1] = "";

	to[0] = '\0';
	str_hex(digits, c->key, sizeof c->key);
	str_append(to, size, "KEYTRAIL=");
	str_append(to, size, setting_name(SETTING_DIR));
	str_append(to, size, c->dir);
	append_setting(to, size, SETTING_KEY, digits);
	append_setting(to, size, SETTING_BOOT, c->boot);
	str_append(to, size, ".");
	append_number(to, size, boot_second());
	if (c->inode) {
		append_setting(to, size, SETTING_INODE, "");
		append_number(to, size, c->device);
		str_append(to, size, ".");
		append_number(to, size, c->inode);
	}
	if (c->max != KT_SEGMENT_MAX) {
		append_setting(to, size, SETTING_MAX, "");
		append_number(to, size, c->max);
	}
	if (c->stacks)
		append_setting(to, size, SETTING_STACKS, "1");
	if (c->http)
		append_setting(to, size, SETTING_HTTP, "1");
	if (c->no_ends)
		append_setting(to, size, SETTING_ENDS, "0");
	for (const char *p = c->patterns; *p; p += str_length(p) + 1)
		append_setting(to, size, SETTING_WATCH, p);
	if (c->label[0])
		append_setting(to, size, SETTING_LABEL, c->label);
}

/* True, with nothing read, where no parent has settings. */
static __attribute__((noinline)) bool
read_of_parent(struct settings *c, struct parsed_settings *s, char *const *envp)
{
	char text[2048];

	if (!env_value(envp, "LD_PRELOAD") ||
	    !parent_settings_find(text, sizeof text))
		return true;
	return read_settings(c, s, text);
}

bool settings_read(struct settings *c, char *const *envp)
{
	const char *variable = env_value(envp, "KEYTRAIL");
	struct parsed_settings settings = {0};

	c->max = KT_SEGMENT_MAX;
	if (!(variable ? read_settings(c, &settings, variable)
		       : read_of_parent(c, &settings, envp)))
		return false;
	if (c->off)
		return false;
	if (c->dir[0] != '/' && (c->dir[0] || !default_directory(c, envp)))
		return false;
	if (!settings.has_key && !find_key(c, settings.keyfile))
		return false;
	if (!settings.has_boot)
		read_boot(c->boot);
	c->is_root = settings.root ? settings.root == (uint64_t)SYS(getppid)
				   : !settings.has_boot;
	key_id_of(c->key_id, c->key);
	return true;
}
