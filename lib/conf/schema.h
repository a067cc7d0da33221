/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CONF_SCHEMA_H
#define SEKI_CONF_SCHEMA_H

/*
 * The schema: a row for every key of the configuration. Reading, range checks, unknown keys, defaults and
 * docs/config.md come from these rows and nothing else; a new key is a new row. Countermeasures' groups come from
 * cm_ops[] in the same way (countermeasures.c).
 *
 * Sections are read in the order of the table, so that what refers to a name (a zone to its lists) comes after
 * what defines it. Internal to lib/conf.
 */

#include "err.h"
#include "scan.h"
#include "spec.h"
#include "units.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

enum conf_type {
	CONF_BOOL,   /* true or false; a bool at offset */
	CONF_NUMBER, /* digits, or a text with a unit; `size` bytes at offset */
	CONF_NAME,   /* a name, see conf_is_name; char[SEKI_NAME_MAX] at offset */
	CONF_WORD,   /* likewise; char * at offset */
	CONF_TEXT,   /* any text of min..max bytes; char * at offset; an empty one is NULL */
	CONF_CHOICE, /* a text out of `choice`; its index, an enum, at offset */
	CONF_ITEMS,  /* a list of min..max values; `set` takes each */
	CONF_GROUPS, /* the countermeasures of a zone */
};

/* One value of the file, or a default. */
struct conf_value {
	enum conf_kind kind;
	const char *text;
	int line;
};

struct conf_reader;
struct conf_section;

struct conf_row {
	const char *key;
	enum conf_type type;
	enum seki_unit unit;
	uint64_t min, max;    /* of a number; of a text's length; of the count of items */
	const char *def;      /* as text; NULL: required, unless `optional` */
	const char *optional; /* what holds if the key is absent, for rows whose default is no constant */
	const char *const *choice;
	size_t offset, size;
	int (*set)(struct conf_reader *r, void *object, const struct conf_value *v); /* beside or instead of offset */
	bool single;                     /* of items: one may stand without a list around it */
	const struct conf_section *item; /* of items: what a group may say that stands in place of a value */
	const char *example;             /* of a good value, as it is written in the file */
	const char *help;                /* one or more sentences */
};

enum conf_shape {
	CONF_SHAPE_GROUP, /* name: { ... }; */
	CONF_SHAPE_LIST,  /* name: ( { ... }, { ... } ); */
	CONF_SHAPE_CMS,   /* name: { countermeasure: { ... }; ... }; */
};

struct conf_section {
	const char *name;
	enum conf_shape shape;
	const struct conf_row *row;
	unsigned n_rows;
	unsigned min, max; /* groups in a list */
	/* Where the values of the next group go: zeroed, counted in the spec. `at` is the group, NULL if absent. */
	void *(*add)(struct conf_reader *r, config_setting_t *at);
	const char *help;
	const char *example;
	bool required;
};

extern const struct conf_section conf_sections[];
extern const unsigned conf_n_sections;

/* Modes and parameters of all countermeasures, for the zones that do not set their own. */
struct conf_cms {
	enum cm_mode mode[CM_N];
	uint64_t param[CM_N][CM_PARAMS_MAX];
};

struct conf_reader {
	const char *file;
	const char *dir;
	const cpu_set_t *cpus;
	struct seki_spec *spec;
	struct seki_err *err;
	char path[160]; /* what is being read: "zones.web" */
	struct conf_cms cms;
	config_setting_t *cms_at;
	config_setting_t *port_at[SEKI_PORTS_MAX];
	config_setting_t *domain_at[SEKI_DOMAINS_MAX];
	config_setting_t *zone_at[SEKI_ZONES_MAX];
	config_setting_t *eal_at;
	config_setting_t *cores_at;
	bool main_set;
};

/* words.c and scalar.c. Adds "file:line: path.key: sentence"; `key` NULL: "path: sentence". Returns -EINVAL. */
int conf_error(struct conf_reader *r, int line, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Letters, digits, '_', '-' and '.', 1 to 31 of them, and not dots alone. */
bool conf_is_name(const char *text);

/* The line of `key` in the group, or of the group. */
int conf_line(config_setting_t *at, const char *key);

/* Decodes what conf_scan made of a value. */
struct conf_value conf_value_of(config_setting_t *setting);

/* Reads a number or quantity and checks its range; 0 or -EINVAL with a sentence. */
int conf_number(struct conf_reader *r, const struct conf_row *row, const struct conf_value *v, uint64_t *number);

/* The number as a user would write it, without quotes. Returns `buf`. */
char *conf_format(enum seki_unit unit, uint64_t number, char buf[32]);

/* Index of the text in `choice`; -EINVAL with a sentence. */
int conf_choice(struct conf_reader *r, const char *key, const char *const *choice, const struct conf_value *v);

/* Checks and stores one value at the row's field (NULL where the row has none). 0 or -EINVAL with a sentence. */
int conf_read_scalar(struct conf_reader *r, const struct conf_row *row, const struct conf_value *v, void *field);

/* Reports every key of the group (NULL: none) that is not in `known`, with the nearest one that is. */
void conf_refuse_unknown(struct conf_reader *r, config_setting_t *group, const char *const *known, unsigned n_known);

/* The one that `word` was most likely meant to be; NULL: none is near. */
const char *conf_nearest(const char *word, const char *const *known, unsigned n);

/* "a, b or c"; heap, NULL without memory. */
char *conf_alternatives(const char *const *known, unsigned n);

/* read.c: the whole tree. */
void conf_read_tree(struct conf_reader *r, config_setting_t *root);

/* countermeasures.c: a `countermeasures` group (NULL: absent) over the defaults in `cms`. */
extern const char *const conf_modes[]; /* by enum cm_mode, then NULL */
void conf_cms_default(struct conf_cms *cms);
void conf_read_cms(struct conf_reader *r, config_setting_t *at, enum cm_mode *mode, uint64_t (*param)[CM_PARAMS_MAX]);
void conf_check_cms(struct conf_reader *r);

/* groups.c: the sections' `add`. */
void *conf_append(struct conf_reader *r, void *array, unsigned *n, size_t size); /* one more zeroed element; or NULL */
void *conf_the_spec(struct conf_reader *r, config_setting_t *at);
void *conf_the_eal(struct conf_reader *r, config_setting_t *at);
void *conf_the_cores(struct conf_reader *r, config_setting_t *at);
void *conf_add_port(struct conf_reader *r, config_setting_t *at);
void *conf_add_domain(struct conf_reader *r, config_setting_t *at);
void *conf_add_list(struct conf_reader *r, config_setting_t *at);
void *conf_add_zone(struct conf_reader *r, config_setting_t *at);
void *conf_add_peer(struct conf_reader *r, config_setting_t *at);

/* values.c: the rows' own setters. */
int conf_set_device(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_mac(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_main(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_rxtx(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_rx(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_tx(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_ring_size(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_blocks(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_domain_port(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_vlan(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_zone_domain(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_prefix(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_allow(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_deny(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_shared(struct conf_reader *r, void *object, const struct conf_value *v);

/* An address or prefix that hosts can have; 0 or -EINVAL with a sentence. */
int conf_prefix(struct conf_reader *r, const char *key, const struct conf_value *v, struct seki_prefix *prefix);

/* Index of the domain; -EINVAL with a sentence. */
int conf_domain(struct conf_reader *r, const struct conf_value *v);

/* peers.c: an entry of control.peers, as a value and as a group. */
extern const struct conf_section conf_peer_section;
int conf_set_peer(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_peer_address(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_peer_domain(struct conf_reader *r, void *object, const struct conf_value *v);
void conf_check_peers(struct conf_reader *r);

/* paths.c: files and directories. */
int conf_set_list_file(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_incidents(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_baseline(struct conf_reader *r, void *object, const struct conf_value *v);

/* services.c: "tcp/80", "icmp", ... */
int conf_set_service(struct conf_reader *r, void *object, const struct conf_value *v);

/* filters.c: expressions of tcpdump. */
int conf_set_filter(struct conf_reader *r, void *object, const struct conf_value *v);

/* limits.c and limits_make.c: entries of `limits`, and what becomes of them. */
extern const struct conf_section conf_zone_limit_section, conf_limit_section;
int conf_vector(struct conf_reader *r, const struct conf_value *v, unsigned *vector); /* or "all" */
int conf_set_limit(struct conf_reader *r, void *object, const struct conf_value *v);
void conf_check_limits(struct conf_reader *r); /* what is wrong in entries by themselves */
void conf_make_limits(struct conf_reader *r);  /* the zones' limits, out of defaults and entries */

/* days.c: holidays and events. */
extern const struct conf_section conf_holiday_section, conf_event_section;
int conf_set_utc_offset(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_holiday(struct conf_reader *r, void *object, const struct conf_value *v);
int conf_set_event(struct conf_reader *r, void *object, const struct conf_value *v);
void conf_check_days(struct conf_reader *r);

/* cross.c: what only the whole file can tell. */
void conf_cross_check(struct conf_reader *r);

/* cpus.c: the CPUs that this process may use. */
const cpu_set_t *conf_machine_cpus(void);

#endif
