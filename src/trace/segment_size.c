#include "trace/segment_size.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keytrail/trace.h"

/* The size of the segment as its writers keep it; 0: not known. */
static uint64_t told_size(int fd)
{
	struct kt_segment head;
	uint64_t room;

	if (pread(fd, &head, sizeof head, 0) != sizeof head ||
	    memcmp(&head, KT_SEGMENT_BEGIN, sizeof KT_SEGMENT_BEGIN - 1) ||
	    memcmp(head.end, "\"}\n\n", 4) || !kt_counter_of(head.room, &room))
		return 0;
	return kt_pages_of(room) * KT_SEGMENT_PAGE;
}

/* A live segment grows: the file before its first line. */
enum segment_size segment_size_of(int fd)
{
	uint64_t told = told_size(fd);
	struct stat st;

	if (!told || fstat(fd, &st))
		return NO_SEGMENT;
	return (uint64_t)st.st_size < told ? SEGMENT_SHORT : SEGMENT_WHOLE;
}
