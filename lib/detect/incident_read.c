/* SPDX-License-Identifier: BSD-3-Clause */
#include "incident_read.h"

#include "addr.h"

#include <ctype.h>
#include <endian.h>
#include <string.h>

/* Ours nest four deep. */
#define DEPTH_MAX 8

/* Where in the text the reader is. `bad` once something is not as it should be, and then for good. */
struct reader {
	const char *text;
	size_t at, end;
	bool bad;
};

static void
skip_space(struct reader *r)
{
	while (r->at < r->end && strchr(" \t\r\n", r->text[r->at]) != NULL && r->text[r->at] != '\0')
		r->at++;
}

/* The next byte that is no space, if it is `c`. */
static bool
take(struct reader *r, char c)
{
	skip_space(r);
	if (r->bad || r->at == r->end || r->text[r->at] != c)
		return false;
	r->at++;
	return true;
}

static void
want(struct reader *r, char c)
{
	r->bad |= !take(r, c);
}

/* A string into `buf`; one that does not fit is bad. `buf` NULL: skipped. No string that is wanted has escapes. */
static void
read_string(struct reader *r, char *buf, size_t size)
{
	size_t n = 0;

	want(r, '"');
	while (!r->bad && r->at < r->end && r->text[r->at] != '"') {
		char c = r->text[r->at++];

		if (c == '\\' && buf == NULL && r->at < r->end)
			r->at++;
		r->bad |= (unsigned char)c < 0x20 || (buf != NULL && (c == '\\' || n + 1 >= size));
		if (!r->bad && buf != NULL)
			buf[n++] = c;
	}
	r->bad |= r->at >= r->end;
	r->at++;
	if (buf != NULL)
		buf[r->bad ? 0 : n] = '\0';
}

static bool
take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	skip_space(r);
	if (r->bad || r->end - r->at < n || memcmp(r->text + r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

static void
skip_number(struct reader *r)
{
	size_t from = r->at;

	while (r->at < r->end && r->text[r->at] != '\0' && strchr("+-.0123456789eE", r->text[r->at]) != NULL)
		r->at++;
	r->bad |= r->at == from;
}

static void skip_value(struct reader *r, unsigned depth);

static void
skip_members(struct reader *r, unsigned depth, char close)
{
	if (take(r, close))
		return;
	do {
		if (close == '}') {
			read_string(r, NULL, 0);
			want(r, ':');
		}
		skip_value(r, depth);
	} while (!r->bad && take(r, ','));
	want(r, close);
}

static void
skip_value(struct reader *r, unsigned depth)
{
	r->bad |= depth == DEPTH_MAX;
	skip_space(r);
	if (r->bad || r->at == r->end)
		r->bad = true;
	else if (take(r, '{'))
		skip_members(r, depth + 1, '}');
	else if (take(r, '['))
		skip_members(r, depth + 1, ']');
	else if (r->text[r->at] == '"')
		read_string(r, NULL, 0);
	else if (!take_word(r, "null") && !take_word(r, "true") && !take_word(r, "false"))
		skip_number(r);
}

static void
read_time(struct reader *r, char text[SEKI_WALL_TEXT])
{
	text[0] = '\0';
	if (!take_word(r, "null"))
		read_string(r, text, SEKI_WALL_TEXT);
}

static uint64_t
read_count(struct reader *r)
{
	uint64_t n = 0;

	skip_space(r);
	r->bad |= r->at == r->end || !isdigit((unsigned char)r->text[r->at]);
	for (; !r->bad && r->at < r->end && isdigit((unsigned char)r->text[r->at]); r->at++) {
		r->bad |= n > UINT32_MAX;
		n = n * 10 + (unsigned)(r->text[r->at] - '0');
	}
	r->bad |= r->at == r->end; /* it may have been cut */
	return n;
}

static void
read_state(struct reader *r, struct seki_summary *out)
{
	char name[16];
	unsigned state = 0;

	skip_space(r);
	out->state_at = r->at + 1;
	read_string(r, name, sizeof(name));
	out->state_len = strlen(name);
	while (state <= SEKI_INCIDENT_INTERRUPTED && strcmp(name, seki_incident_state_name(state)) != 0)
		state++;
	out->state = (enum seki_incident_state)state;
	r->bad |= state > SEKI_INCIDENT_INTERRUPTED;
}

static void
read_mode(struct reader *r, struct seki_summary *out)
{
	char name[16];

	read_string(r, name, sizeof(name));
	out->observes = strcmp(name, "observe") == 0;
	r->bad |= !out->observes && strcmp(name, "enforce") != 0;
}

static void
add_vector(struct seki_summary *out, const char *name)
{
	for (unsigned v = 1; v < SEKI_N_VECTORS; v++)
		if (strcmp(name, seki_vector_name(v)) == 0)
			out->vectors |= UINT64_C(1) << v;
}

static void
add_target(struct reader *r, struct seki_summary *out, const char *text)
{
	struct seki_prefix prefix;
	struct seki_target *t = &out->target[out->n_targets];
	uint64_t net;

	if (out->n_targets == SEKI_TARGETS_MAX || seki_prefix_parse(text, &prefix) != 0 || prefix.len > 64) {
		r->bad = true;
		return;
	}
	memcpy(&net, prefix.addr, sizeof(net));
	*t = (struct seki_target){.net = be64toh(net), .family = prefix.family, .len = prefix.len};
	out->n_targets++;
}

/* A list of objects, of each of which one member counts: "name" of vectors, "prefix" of targets. */
static void
read_list(struct reader *r, struct seki_summary *out, const char *wanted)
{
	char key[32], text[SEKI_PREFIX_STRLEN];

	want(r, '[');
	if (take(r, ']'))
		return;
	do {
		want(r, '{');
		do {
			read_string(r, key, sizeof(key));
			want(r, ':');
			if (strcmp(key, wanted) != 0) {
				skip_value(r, 2);
				continue;
			}
			read_string(r, text, sizeof(text));
			if (!r->bad && wanted[0] == 'n')
				add_vector(out, text);
			else if (!r->bad)
				add_target(r, out, text);
		} while (!r->bad && take(r, ','));
		want(r, '}');
	} while (!r->bad && take(r, ','));
	want(r, ']');
}

enum member {
	FORMAT,
	ID,
	ZONE,
	DOMAIN,
	MODE,
	STATE,
	BEGAN,
	DETECTED,
	MITIGATED,
	ENDED,
	VECTORS,
	TARGETS,
	HOSTS_PEAK,
	N_MEMBERS,
};

static unsigned
member_of(const char *key)
{
	static const char *const names[N_MEMBERS] = {"format", "id", "zone", "domain", "mode", "state", "began",
		"detected", "mitigated", "ended", "vectors", "targets", "hosts_peak"};
	unsigned m = 0;

	while (m < N_MEMBERS && strcmp(key, names[m]) != 0)
		m++;
	return m;
}

static void
read_format(struct reader *r)
{
	char format[32];

	read_string(r, format, sizeof(format));
	r->bad |= strcmp(format, "seki-incident/1") != 0;
}

static void
read_member(struct reader *r, unsigned member, struct seki_summary *out)
{
	switch (member) {
	case FORMAT:
		read_format(r);
		break;
	case ID:
		read_string(r, out->id, sizeof(out->id));
		r->bad |= !seki_incident_is_id(out->id, strlen(out->id), NULL);
		break;
	case ZONE:
		read_string(r, out->zone, sizeof(out->zone));
		break;
	case DOMAIN:
		read_string(r, out->domain, sizeof(out->domain));
		break;
	case MODE:
		read_mode(r, out);
		break;
	case STATE:
		read_state(r, out);
		break;
	case BEGAN:
		read_time(r, out->began);
		break;
	case DETECTED:
		read_time(r, out->detected);
		break;
	case MITIGATED:
		read_time(r, out->mitigated);
		break;
	case ENDED:
		read_time(r, out->ended);
		break;
	case VECTORS:
		read_list(r, out, "name");
		break;
	case TARGETS:
		read_list(r, out, "prefix");
		break;
	case HOSTS_PEAK:
		out->hosts_peak = read_count(r);
		break;
	default:
		skip_value(r, 1);
	}
}

bool
seki_summary_read(const char *text, size_t n, bool whole, struct seki_summary *out)
{
	struct reader r = {.text = text, .end = n};
	const uint32_t all = (UINT32_C(1) << N_MEMBERS) - 1;
	uint32_t seen = 0;
	char key[32];

	memset(out, 0, sizeof(*out));
	want(&r, '{');
	do {
		unsigned member;

		read_string(&r, key, sizeof(key));
		want(&r, ':');
		member = member_of(key);
		/* What a file is comes first; and nothing comes twice. */
		r.bad |= (seen == 0 && member != FORMAT) || (member < N_MEMBERS && (seen >> member & 1) != 0);
		if (!r.bad)
			read_member(&r, member, out);
		seen |= member < N_MEMBERS ? UINT32_C(1) << member : 0;
	} while (!r.bad && (whole || seen != all) && take(&r, ','));
	if (whole) {
		want(&r, '}');
		skip_space(&r);
	}
	return !r.bad && seen == all && (!whole || r.at == r.end);
}

void
seki_summary_of(const struct seki_incident *in, struct seki_summary *out)
{
	const struct {
		char *text;
		uint64_t ns;
	} times[] = {{out->began, in->began_ns}, {out->detected, in->detected_ns}, {out->mitigated, in->mitigated_ns},
		{out->ended, in->ended_ns}};

	memset(out, 0, sizeof(*out));
	memcpy(out->id, in->id, sizeof(out->id));
	memcpy(out->zone, in->zone_name, sizeof(out->zone));
	memcpy(out->domain, in->domain, sizeof(out->domain));
	out->observes = in->observes;
	out->state = in->state;
	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i].ns != 0)
			seki_wall_text(times[i].ns, times[i].text);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		out->vectors |= (uint64_t)in->vector[v].seen << v;
	out->n_targets = in->n_targets;
	for (unsigned i = 0; i < in->n_targets; i++)
		out->target[i] = in->target[i].prefix;
	out->hosts_peak = in->hosts_peak;
}

/* "d": a digit; all else stands for itself. */
static bool
fits(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; pattern++, text++)
		if (*pattern == 'd' ? !isdigit((unsigned char)*text) : *text != *pattern)
			return false;
	return true;
}

bool
seki_incident_is_id(const char *text, size_t n, uint64_t *number)
{
	static const char pattern[] = "ddddddddTddddddZ-";
	size_t at = n;
	uint64_t value = 0;

	/* A zone of one letter, '-', and a number of no more than 12 digits. */
	if (n >= SEKI_INCIDENT_ID_MAX || n < sizeof(pattern) - 1 + 3 || !fits(text, pattern))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && strchr("-_.", text[i]) == NULL)
			return false;
	while (isdigit((unsigned char)text[at - 1]))
		at--;
	if (at == n || n - at > 12 || text[at - 1] != '-' || at - 1 <= sizeof(pattern) - 1)
		return false;
	for (; at < n; at++)
		value = value * 10 + (unsigned)(text[at] - '0');
	if (number != NULL)
		*number = value;
	return true;
}
