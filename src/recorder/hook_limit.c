/* prctl, for the two requests that would make our clock deadly: strict seccomp
 * and PR_SET_TSC take the time stamp counter away, which the vDSO reads. */
#include <stdarg.h>

#include "recorder/next.h"
#include "recorder/recorder.h"

EXPORT int prctl(int option, ...)
{
	unsigned long argument[4];
	va_list rest;

	va_start(rest, option);
	for (int i = 0; i < 4; i++)
		argument[i] = va_arg(rest, unsigned long);
	va_end(rest);
	if (option == PR_SET_SECCOMP || option == PR_SET_TSC)
		clock_coarsen();
	return NEXT(prctl)(option, argument[0], argument[1], argument[2],
			   argument[3]);
}
