#include "commands/doctor/doctor.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host/default_trace.h"
#include "keytrail/trace.h"
#include "symbols/symbols.h"
#include "shared/file_system.h"

#define OK(c, words)	       checkup_add(c, ANSWER_OK, STR(words), NULL)
#define PART(c, words, advice) checkup_add(c, ANSWER_PART, words, advice)

/* --- where a trace would be written ----------------------------------------
 */

static void check_directory(struct checkup *c)
{
	struct statfs fs;

	if (access(".", W_OK)) {
		PART(c, STR("no trace can be written to this directory"),
		     "name another: keytrail run -o DIR");
		return;
	}
	if (!statfs(".", &fs) &&
	    file_system_is_coherent((unsigned long)fs.f_type))
		OK(c, "traces in this directory go through shared memory");
	else
		PART(c,
		     STR("shared memory is not to be trusted on this file "
			 "system: each event is appended with a write, which "
			 "ends at chroot, setuid and seccomp"),
		     "record to ext4, xfs, btrfs, tmpfs or overlay: "
		     "keytrail run -o DIR");
}

static void check_space(struct checkup *c)
{
	const uint64_t least = 64 << 20;
	struct statvfs fs;
	uint64_t room;

	if (access(".", W_OK) || statvfs(".", &fs))
		return;
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room >= least)
		OK(c, "there is room on the disk");
	else
		PART(c,
		     arena_print(c->arena, "only %llu MiB are free here",
				 (unsigned long long)(room >> 20)),
		     "what finds no room is counted as lost; record elsewhere "
		     "with -o DIR");
}

static bool is_limited(int resource)
{
	struct rlimit limit;

	return !getrlimit(resource, &limit) && limit.rlim_cur != RLIM_INFINITY;
}

static void check_limits(struct checkup *c)
{
	bool files = is_limited(RLIMIT_FSIZE), memory = is_limited(RLIMIT_AS);

	if (files)
		PART(c,
		     STR("files are limited in size: what does not fit is "
			 "counted as lost"),
		     "ulimit -f unlimited");
	if (memory)
		PART(c,
		     STR("address space is limited: each event is appended "
			 "with a write, which ends at chroot, setuid and "
			 "seccomp"),
		     "ulimit -v unlimited");
	if (!files && !memory)
		OK(c, "no limit on file size and address space");
}

/* --- the system ------------------------------------------------------------
 */

static void check_proc(struct checkup *c)
{
	if (!access("/proc/self/exe", F_OK))
		OK(c, "/proc is mounted");
	else
		PART(c,
		     STR("/proc is not mounted: programs are known by what "
			 "they were called, not by their files"),
		     "mount -t proc proc /proc");
}

static void check_kernel(struct checkup *c)
{
	unsigned major = 0, minor = 0;
	struct utsname system;

	if (uname(&system) ||
	    sscanf(system.release, "%u.%u", &major, &minor) != 2)
		return;
	if (major > 4 || (major == 4 && minor >= 14))
		OK(c, "the kernel lets memory be wiped at fork");
	else
		PART(c,
		     arena_print(c->arena,
				 "Linux %u.%u is older than 4.14: a fork that "
				 "goes past libc is not noticed",
				 major, minor),
		     NULL);
}

/* The number behind `field` in /proc/self/status, or 0. */
static unsigned status_field(const char *field)
{
	FILE *f = fopen("/proc/self/status", "re");
	size_t n = strlen(field);
	unsigned value = 0;
	char line[256];

	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, field, n))
			value = (unsigned)strtoul(line + n, NULL, 10);
	if (f)
		fclose(f);
	return value;
}

static void check_confinement(struct checkup *c)
{
	if (status_field("Seccomp:"))
		OK(c, "a seccomp filter is on, as in most containers: "
		      "recording asks little of the system");
	if (status_field("NoNewPrivs:"))
		OK(c, "no new privileges: set-id programs gain no rights here, "
		      "so they can be observed");
}

/* The first character of a file of the system, or 0. */
static int first_of(const char *path)
{
	FILE *f = fopen(path, "re");
	int first = f ? fgetc(f) : 0;

	if (f)
		fclose(f);
	return first == EOF ? 0 : first;
}

static bool is_unconfined(void)
{
	return first_of("/proc/self/attr/current") == 'u' ||
	       !first_of("/proc/self/attr/current");
}

static void check_policies(struct checkup *c)
{
	if (first_of("/sys/fs/selinux/enforce") == '1')
		PART(c,
		     STR("SELinux enforces: the loader refuses the recorder "
			 "where an exec changes the domain"),
		     "such programs are gaps in the report; setenforce 0 "
		     "shows whether that is it");
	if (first_of("/sys/module/apparmor/parameters/enabled") == 'Y' &&
	    !is_unconfined())
		PART(c,
		     STR("an AppArmor profile holds here: it may keep the "
			 "recorder from its trace, or out of programs"),
		     "aa-status names the profiles");
}

static void check_preloads(struct checkup *c)
{
	const char *own = getenv("LD_PRELOAD");

	if (first_of("/etc/ld.so.preload"))
		PART(c,
		     STR("/etc/ld.so.preload names libraries for all programs: "
			 "calls that they answer themselves are not seen"),
		     NULL);
	if (own && *own)
		OK(c, "LD_PRELOAD is set: its libraries come behind the "
		      "recorder, in their order");
}

/* --- where a recorder writes without KEYTRAIL -------------------------
 */

static void check_default(struct checkup *c)
{
	const char *dir = default_trace_directory(c->arena);
	const char *beside = newest_trace_beside(c->arena, dir);
	struct stat st;

	if (lstat(dir, &st) ? errno == ENOENT : is_private_directory(dir)) {
		checkup_add(c, ANSWER_OK,
			    arena_print(c->arena,
					"without KEYTRAIL, a preloaded "
					"recorder writes to %s",
					dir),
			    NULL);
		return;
	}
	PART(c,
	     arena_print(c->arena,
			 "%s is not this user's alone: without KEYTRAIL, a "
			 "preloaded recorder writes to %s",
			 dir,
			 beside ? beside
				: arena_print(c->arena, "%s.RANDOM", dir).at),
	     "name a directory: KEYTRAIL=dir=/path/of/trace");
}

/* --- places in native code ------------------------------------------
 */

static void check_names(struct checkup *c)
{
	if (symbols_available())
		OK(c, "places in native code are told by function and line");
	else
		PART(c,
		     STR("no elfutils: places in native code are told as "
			 "module and offset"),
		     "install libdw1; keytrail pack where the trace was made");
	if (dlopen(KT_UNWINDER, RTLD_LAZY | RTLD_LOCAL))
		OK(c, "keytrail run --stacks can tell who called");
	else
		PART(c, STR("no libunwind: keytrail run --stacks takes none"),
		     "install libunwind8");
}

void check_host(struct checkup *c)
{
	check_directory(c);
	check_space(c);
	check_limits(c);
	check_proc(c);
	check_kernel(c);
	check_confinement(c);
	check_policies(c);
	check_preloads(c);
	check_default(c);
	check_names(c);
}
