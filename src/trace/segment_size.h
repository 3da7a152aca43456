/* Segments, files of a recorder, say in their first line how large they are. */
#ifndef TRACE_SEGMENT_SIZE_H
#define TRACE_SEGMENT_SIZE_H

enum segment_size { NO_SEGMENT, SEGMENT_WHOLE, SEGMENT_SHORT };

/* SEGMENT_SHORT: the end is missing. NO_SEGMENT also of a segment out of which
 * the blank lines were taken: such a file may be smaller. */
enum segment_size segment_size_of(int fd);

#endif
