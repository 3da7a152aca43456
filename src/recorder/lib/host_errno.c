#include "recorder/lib/host_errno.h"

extern int *__errno_location(void) __attribute__((weak, const));

int host_errno(void)
{
	return __errno_location ? *__errno_location() : 0;
}

void host_set_errno(int error)
{
	if (__errno_location)
		*__errno_location() = error;
}

long host_result(long answer)
{
	if (answer >= 0 || answer < -4095)
		return answer;
	host_set_errno((int)-answer);
	return -1;
}
