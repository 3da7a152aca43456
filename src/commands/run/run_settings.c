#include "commands/run/run_settings.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands/run/run_events.h"
#include "shared/key_file.h"
#include "shared/settings_text.h"
#include "shared/text.h"

/* Appends the name of a setting to KEYTRAIL=; the value follows. */
static void put_setting(struct out *o, enum setting_id id)
{
	out_print(o, "%s%s", id == SETTING_DIR ? "" : ",", setting_name(id));
}

/* The boot and the second of the boot's beginning, so that no image asks /proc.
 */
static void put_boot(struct out *o)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char id[9] = "";

	if (fd < 0)
		return;
	if (read(fd, id, 8) == 8) {
		put_setting(o, SETTING_BOOT);
		out_print(o, "%s.%llu", id,
			  (unsigned long long)((clock_now(CLOCK_REALTIME, 1) -
						clock_now(CLOCK_BOOTTIME, 1)) /
					       1000000000));
	}
	close(fd);
}

/* The recorder finds the directory by the path. The inode keeps a stranger who
 * can move the directory from leading the recorder elsewhere. */
static void put_inode(struct out *o, const struct run_dir *dir)
{
	struct stat st;

	if (!dir->is_exposed || fstat(dir->fd, &st))
		return;
	put_setting(o, SETTING_INODE);
	out_print(o, "%llu.%llu", (unsigned long long)st.st_dev,
		  (unsigned long long)st.st_ino);
}

static void put_text(struct out *o, enum setting_id id, const char *value)
{
	put_setting(o, id);
	out_str(o, str_of(value));
}

/* The recorder gets NAME of NAME:ROLE; the report gets both by run.jsonl. */
static void put_pattern(struct out *o, const char *pattern)
{
	put_setting(o, SETTING_WATCH);
	out_str(o, (struct str){pattern, strcspn(pattern, ":")});
}

/* What the user's own KEYTRAIL says, and no option of ours does. */
static void put_kept(struct out *o, const struct run_settings *r)
{
	const char *rest = getenv("KEYTRAIL");
	struct setting s;

	while (rest && setting_next(&rest, &s))
		if (s.id == SETTING_MAX || s.id == SETTING_LABEL ||
		    s.id == SETTING_WATCH ||
		    (s.id == SETTING_STACKS && !r->stacks) ||
		    (s.id == SETTING_HTTP && !r->http)) {
			put_setting(o, s.id);
			out_str(o, (struct str){s.at, (size_t)(s.end - s.at)});
		}
}

char *run_settings_variable(struct arena *arena, const struct run_settings *r)
{
	struct out o = out_to_memory(arena);
	char key[KEY_DIGITS + 1] = "";

	out_str(&o, STR("KEYTRAIL="));
	put_text(&o, SETTING_DIR, r->dir->path);
	str_hex(key, r->dir->key, sizeof r->dir->key);
	put_text(&o, SETTING_KEY, key);
	put_boot(&o);
	put_inode(&o, r->dir);
	put_setting(&o, SETTING_ROOT);
	out_print(&o, "%d", (int)getpid());
	if (r->stacks)
		put_text(&o, SETTING_STACKS, "1");
	if (r->http)
		put_text(&o, SETTING_HTTP, "1");
	for (size_t i = 0; i < r->watch->n; i++)
		put_pattern(&o, r->watch->at[i]);
	put_kept(&o, r);
	if (r->of_launcher)
		put_text(&o, SETTING_EXEC, "1");
	out_str(&o, (struct str){"", 1});
	return (char *)(uintptr_t)out_memory(&o).at;
}

/* Of the user's own KEYTRAIL. */
static struct setting own_setting(enum setting_id id)
{
	const char *rest = getenv("KEYTRAIL");
	struct setting s, last = {SETTING_OTHER, NULL, NULL};

	while (rest && setting_next(&rest, &s))
		if (s.id == id && s.end > s.at)
			last = s;
	return last;
}

const char *run_settings_keyfile(struct arena *arena)
{
	struct setting s = own_setting(SETTING_KEYFILE);
	int n = (int)(s.end - s.at);

	return n ? arena_print(arena, "%.*s", n, s.at).at : NULL;
}

bool run_settings_http(void)
{
	struct setting s = own_setting(SETTING_HTTP);

	return s.at && *s.at == '1';
}

uint64_t run_settings_max(void)
{
	struct setting s = own_setting(SETTING_MAX);

	return s.at ? setting_number(s.at) : KT_SEGMENT_MAX;
}
