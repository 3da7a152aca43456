/* Why a verdict can be neither healthy nor exonerated: a word for reason_code,
 * and the sentence. docs/judgement.md, "Verdict", has the order. */
#ifndef DIAGNOSIS_DOUBTS_H
#define DIAGNOSIS_DOUBTS_H

#include "diagnosis/evidence/files/unread_file.h"
#include "diagnosis/verdict_evidence.h"

/* Why a verdict cannot be given: a word, and a sentence. */
struct doubt {
	const char *code; /* null: no doubt */
	struct str reason;
	struct str name; /* whose value is in doubt; len 0: none */
	bool may_send;	 /* a program may have sent a key unseen */
};

/* For the sentences of doubts.c and doubts_of_hidden_reads.c. */
__attribute__((format(printf, 3, 4))) struct doubt
new_doubt(struct arena *, const char *code, const char *format, ...);

/* "app.py:3", or the program. */
struct str reader_in_words(struct arena *, const struct reading *);

/* The doubt, about a value of the name. */
struct doubt about_value(struct str name, struct doubt);

/* The finding, a note, that says why the reader lacked the name; null: nobody
 * is known to have taken the name away, or to have set it elsewhere. */
const struct finding *find_cause(const struct report *, const struct reading *);

/* A summary without its effect. */
struct str act_of(struct str summary);

struct doubt doubt_unseen(struct arena *a, const struct reading *r);

struct doubt doubt_hidden(struct arena *a, const struct reading *r);

struct doubt doubt_failed_gap(struct arena *a, const struct image *gap);
/* A doubt about an image, as a sentence: NAME and `words`. */
struct doubt doubt_about(struct arena *a, const struct image *image,
			 const char *code, const char *words);

struct doubt doubt_never_set(struct arena *, const struct report *,
			     const struct reading *, enum need);
/* Read, by a program that may do without the name. */
/* A client found only a setting that says where a key goes. */
struct doubt doubt_only_setting(struct arena *a,
				const struct verdict_evidence *s);

struct doubt doubt_not_needed(struct arena *a,
			      const struct verdict_evidence *s);

struct doubt doubt_nothing_read(struct arena *a, const struct evaluation *e,
				const struct verdict_evidence *s);

/* A key that processes hold and none asked for. */
struct doubt doubt_held_unread(struct arena *, const struct evaluation *,
			       const struct verdict_evidence *,
			       const struct variable *held);

/* A library of the program's own, or a function, has a file instead. */
struct doubt doubt_taken_from_file(const struct evaluation *,
				   const struct verdict_evidence *s);

struct doubt doubt_looks_in_copy(struct arena *a, const struct image *image);

struct doubt doubt_lost_unseen(struct arena *, const struct report *,
			       const struct reading *);

struct doubt doubt_refused_empty(struct arena *, const struct request *);

struct doubt doubt_unclear(struct arena *a, const struct reading *found);

struct doubt doubt_spoilt(struct arena *a, const struct reading *r);
/* A refused key of which not all is known that would clear the environment. */
struct doubt doubt_refused(struct arena *a, const struct verdict_evidence *s);

/* A refusal about a setting beside the key. */
struct doubt doubt_answered_setting(struct arena *, const struct reading *);

struct doubt doubt_unread(struct arena *a, const struct reading *r);

struct doubt doubt_setting(struct arena *, const struct report *,
			   const struct reading *);

struct doubt doubt_displaced(const struct model *, const struct finding *);

/* A program failed that read one of several values. */
struct doubt doubt_other_value(struct arena *, const struct reading *);

struct doubt doubt_nothing_recorded(const struct trace *t);
/* Where the file has another value, the value that was refused shadowed it. */
struct doubt doubt_not_compared(const struct model *, const struct reading *r,
				const struct unread_file *);

/* The program that passed the value on opened the file. */
struct doubt doubt_unlike_file(const struct model *, const struct reading *,
			       const struct loaded_file *);

/* The image itself or the nearest above it which was not observed; else the
 * root. */
const struct image *first_gap(const struct image *image);

#endif
