/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_VERDICT_H
#define SEKI_VERDICT_H

/* Verdicts, reasons, vectors: the words that every packet ends with. Tables: reasons.def, vectors.def. */

#include <stdbool.h>
#include <stdint.h>

enum seki_verdict {
	SEKI_VERDICT_NONE, /* not decided yet */
	SEKI_VERDICT_PASS,
	SEKI_VERDICT_DROP,
	SEKI_VERDICT_CHALLENGE, /* request consumed, reply generated */
	SEKI_N_VERDICTS,
};

enum seki_reason {
#define REASON(id, name, kind, sentence) SEKI_REASON_##id,
#include "reasons.def"
#undef REASON
	SEKI_N_REASONS,
};

enum seki_vector_class {
#define VECTOR_CLASS(id, name) SEKI_CLASS_##id,
#include "vectors.def"
	SEKI_N_CLASSES,
};

enum seki_vector {
#define VECTOR(id, name, class, ...) SEKI_VECTOR_##id,
#include "vectors.def"
	SEKI_N_VECTORS,
};

/* The reflectors are the last rows of vectors.def. */
#define SEKI_VECTOR_REFLECTOR_FIRST SEKI_VECTOR_QOTD
#define SEKI_N_REFLECTORS (SEKI_N_VECTORS - SEKI_VECTOR_REFLECTOR_FIRST)

/* Which way a packet goes through the box. */
enum seki_direction {
	SEKI_DIR_INBOUND,  /* from outside to inside: what is scrubbed */
	SEKI_DIR_OUTBOUND, /* from inside to outside */
	SEKI_DIR_LOCAL,    /* offline only: both ends protected */
	SEKI_DIR_TRANSIT,  /* offline only: neither end protected */
	SEKI_N_DIRECTIONS,
};

/* Rows of the tables; ids out of range give "?" or the first row. Any thread, constant data. */
const char *seki_verdict_name(unsigned verdict);
const char *seki_direction_name(unsigned direction);
const char *seki_reason_name(unsigned reason);
const char *seki_reason_sentence(unsigned reason);
enum seki_verdict seki_reason_verdict(unsigned reason); /* SEKI_VERDICT_PASS or SEKI_VERDICT_DROP */
const char *seki_vector_name(unsigned vector);
const char *seki_vector_description(unsigned vector);
uint16_t seki_vector_port(unsigned vector); /* the reflector's port, 0 for the other vectors */
const char *seki_class_name(unsigned class);

/* Class of each vector; read by the packet path. */
extern const uint8_t seki_vector_class[SEKI_N_VECTORS];

#endif
