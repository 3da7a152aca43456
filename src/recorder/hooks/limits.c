/* Limits that a host sets on itself. prctl: strict seccomp and PR_SET_TSC
 * forbid the time stamp counter, which the vDSO's clock reads; strict seccomp
 * forbids the system calls of a stack walk. setrlimit: RLIMIT_AS counts address
 * space that the recorder's mapping only reserves. */
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "recorder/hooks/limits.h"
#include "recorder/hooks/real.h"
#include "recorder/http/socket_name.h"
#include "recorder/recorder.h"
#include "recorder/trace/segment_file.h"
#include "recorder/trace/unwind.h"

void limit_system_calls(void)
{
	clock_coarsen();
	unwind_stop();
	socket_name_stop();
}

EXPORT int prctl(int option, ...)
{
	unsigned long argument[4];
	va_list rest;

	va_start(rest, option);
	for (int i = 0; i < 4; i++)
		argument[i] = va_arg(rest, unsigned long);
	va_end(rest);
	if (option == PR_SET_TSC)
		clock_coarsen();
	if (option == PR_SET_SECCOMP)
		limit_system_calls();
	return REAL(prctl)(option, argument[0], argument[1], argument[2],
			   argument[3]);
}

static void before_limit(int resource, const void *limit)
{
	if (resource == RLIMIT_AS && limit && recorder_enter()) {
		segment_shrink();
		recorder_leave();
	}
}

EXPORT int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	before_limit((int)resource, limit);
	return REAL(setrlimit)(resource, limit);
}

EXPORT int setrlimit64(__rlimit_resource_t resource,
		       const struct rlimit64 *limit)
{
	before_limit((int)resource, limit);
	return REAL(setrlimit64)(resource, limit);
}

EXPORT int prlimit(pid_t pid, enum __rlimit_resource resource,
		   const struct rlimit *limit, struct rlimit *old)
{
	before_limit((int)resource, limit);
	return REAL(prlimit)(pid, resource, limit, old);
}

EXPORT int prlimit64(pid_t pid, enum __rlimit_resource resource,
		     const struct rlimit64 *limit, struct rlimit64 *old)
{
	before_limit((int)resource, limit);
	return REAL(prlimit64)(pid, resource, limit, old);
}
