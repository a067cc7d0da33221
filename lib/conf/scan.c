/* SPDX-License-Identifier: BSD-3-Clause */
#include "scan.h"
#include "token.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What may come next in the innermost bracket. */
enum state {
	S_NAME,   /* in a group: a key, or its end */
	S_ASSIGN, /* '=' or ':' */
	S_VALUE,
	S_AFTER, /* in a group, after a value: a separator, or the end, or a key on a new line */
	S_ITEM,  /* in a list or array: a value, or its end */
	S_NEXT,  /* in a list or array, after a value: ',' or its end */
};

struct frame {
	char close; /* the bracket that ends it; 0: the file itself */
	char open;
	enum state state;
	int line;
	int value_line; /* where the last value ended */
	unsigned n_items;
	unsigned n_names;
};

struct key {
	const char *text;
	int len;
	int line;
};

struct scan {
	struct conf_lexer lexer;
	unsigned n_values;
	unsigned depth;
	struct frame frame[CONF_DEPTH_MAX + 1];
	struct key key[CONF_DEPTH_MAX + 1][CONF_KEYS_MAX];
};

/* Says what is wrong; false, so that a caller can return it. */
#define fail(scan, line, ...) (seki_err_add((scan)->lexer.err, (scan)->lexer.name, line, __VA_ARGS__) == 0)

/* The token as a message names it; valid until the next call. */
static const char *
describe(const struct conf_token *token, char buf[64])
{
	if (token->kind == TOKEN_END)
		return "the end of the file";
	snprintf(buf, 64, token->kind == TOKEN_STRING ? "the text \"%.*s\"" : "\"%.*s\"",
		token->len < 40 ? token->len : 40, token->text);
	return buf;
}

static enum conf_kind
word_kind(const struct conf_token *token)
{
	int digits = 0, others = 0, i = token->text[0] == '-' || token->text[0] == '+';

	for (; i < token->len; i++) {
		if (isdigit((unsigned char)token->text[i]))
			digits++;
		else if (strchr(".eE+-", token->text[i]) != NULL)
			others++;
		else
			digits = -token->len; /* never positive again */
	}
	if (digits > 0)
		return others == 0 ? CONF_KIND_NUMBER : CONF_KIND_FLOAT;
	if ((token->len == 4 && strncasecmp(token->text, "true", 4) == 0) ||
		(token->len == 5 && strncasecmp(token->text, "false", 5) == 0))
		return CONF_KIND_BOOL;
	return CONF_KIND_BAD;
}

/* "10.0.0.1" looks like a float until one counts the dots. */
static bool
is_float(const struct conf_token *token)
{
	char buf[64], *end;

	if (token->len >= (int)sizeof(buf))
		return false;
	memcpy(buf, token->text, (size_t)token->len);
	buf[token->len] = '\0';
	strtod(buf, &end);
	return *end == '\0';
}

static void
put_value(struct scan *scan, const struct conf_token *token)
{
	enum conf_kind kind = token->kind == TOKEN_STRING ? CONF_KIND_TEXT : word_kind(token);

	if (kind == CONF_KIND_FLOAT && !is_float(token))
		kind = CONF_KIND_BAD;
	if (kind == CONF_KIND_BAD)
		seki_err_add(scan->lexer.err, scan->lexer.name, token->line,
			"%.*s is neither a number nor true nor false; write texts in quotes: \"%.*s\"", token->len,
			token->text, token->len, token->text);
	fprintf(scan->lexer.out, " \"%c%d:%.*s\"", kind, token->line, token->len, token->text);
}

static bool
open_bracket(struct scan *scan, const struct conf_token *token)
{
	struct frame *frame;

	if (scan->frame[scan->depth].open == '[')
		return fail(scan, token->line,
			"between [ and ] stand plain values; a list of groups stands between ( and )");
	if (scan->depth == CONF_DEPTH_MAX)
		return fail(scan, token->line, "brackets are nested more than %d deep", CONF_DEPTH_MAX);
	frame = &scan->frame[++scan->depth];
	*frame = (struct frame){.open = token->kind, .line = token->line};
	frame->close = token->kind == '{' ? '}' : token->kind == '(' ? ')' : ']';
	frame->state = token->kind == '{' ? S_NAME : S_ITEM;
	fprintf(scan->lexer.out, " %c", token->kind);
	return true;
}

static void
value_done(struct scan *scan)
{
	struct frame *frame = &scan->frame[scan->depth];

	frame->value_line = scan->lexer.line;
	frame->state = frame->state == S_VALUE ? S_AFTER : S_NEXT;
}

static bool
close_bracket(struct scan *scan, const struct conf_token *token)
{
	struct frame *frame = &scan->frame[scan->depth];

	if (token->kind == TOKEN_END && scan->depth == 0)
		return true;
	if (token->kind == TOKEN_END)
		return fail(scan, frame->line, "the '%c' opened here is never closed", frame->open);
	if (scan->depth == 0)
		return fail(scan, token->line, "'%c' closes nothing", token->kind);
	if (token->kind != frame->close)
		return fail(scan, token->line, "'%c' does not close the '%c' opened on line %d; '%c' does", token->kind,
			frame->open, frame->line, frame->close);
	fprintf(scan->lexer.out, " %c", token->kind);
	scan->depth--;
	value_done(scan);
	return true;
}

static bool
is_close(const struct conf_token *token)
{
	return token->kind == TOKEN_END || token->kind == '}' || token->kind == ')' || token->kind == ']';
}

static bool
is_key(const struct conf_token *token)
{
	if (token->kind != TOKEN_WORD || !isalpha((unsigned char)*token->text))
		return false;
	for (int i = 0; i < token->len; i++)
		if (!isalnum((unsigned char)token->text[i]) && token->text[i] != '_' && token->text[i] != '-')
			return false;
	return true;
}

/* Writes the key; one that was set before is reported and renamed, so that the rest is still checked. */
static bool
put_key(struct scan *scan, const struct conf_token *token)
{
	struct frame *frame = &scan->frame[scan->depth];
	struct key *key = scan->key[scan->depth];
	unsigned i = 0;

	if (!is_key(token)) {
		char buf[64];

		return fail(scan, token->line, "a key is expected here, not %s", describe(token, buf));
	}
	if (frame->n_names == CONF_KEYS_MAX)
		return fail(scan, token->line, "more than %d keys in one group", CONF_KEYS_MAX);
	while (i < frame->n_names && (key[i].len != token->len || memcmp(key[i].text, token->text, (size_t)token->len)))
		i++;
	key[frame->n_names] = (struct key){token->text, token->len, token->line};
	if (i < frame->n_names) {
		seki_err_add(scan->lexer.err, scan->lexer.name, token->line,
			"\"%.*s\" is set a second time; the first is on line %d", token->len, token->text, key[i].line);
		fprintf(scan->lexer.out, " %c%u", CONF_DUPLICATE_PREFIX, frame->n_names);
	} else {
		fprintf(scan->lexer.out, " %.*s", token->len, token->text);
	}
	frame->n_names++;
	frame->state = S_ASSIGN;
	return true;
}

static bool
on_name(struct scan *scan, const struct conf_token *token)
{
	if (token->kind == ';' || token->kind == ',')
		return true;
	return is_close(token) ? close_bracket(scan, token) : put_key(scan, token);
}

static bool
on_assign(struct scan *scan, const struct conf_token *token)
{
	struct frame *frame = &scan->frame[scan->depth];
	const struct key *key = &scan->key[scan->depth][frame->n_names - 1];
	char buf[64];

	if (token->kind != '=')
		return fail(scan, token->line, "\"%.*s\" needs a '=' and a value, and not %s", key->len, key->text,
			describe(token, buf));
	fputs(" =", scan->lexer.out);
	frame->state = S_VALUE;
	return true;
}

static bool
on_value(struct scan *scan, const struct conf_token *token)
{
	struct frame *frame = &scan->frame[scan->depth];
	char buf[64];

	if (frame->state == S_ITEM && is_close(token))
		return close_bracket(scan, token);
	if (++scan->n_values > CONF_VALUES_MAX)
		return fail(scan, token->line, "more than %d values in one file; long lists belong in list files",
			CONF_VALUES_MAX);
	if (frame->n_items++ > 0 && frame->state == S_ITEM)
		fputc(',', scan->lexer.out);
	if (token->kind == '{' || token->kind == '(' || token->kind == '[')
		return open_bracket(scan, token);
	if (token->kind != TOKEN_WORD && token->kind != TOKEN_STRING)
		return fail(scan, token->line, "a value is missing before %s", describe(token, buf));
	put_value(scan, token);
	value_done(scan);
	return true;
}

static bool
on_after(struct scan *scan, const struct conf_token *token)
{
	struct frame *frame = &scan->frame[scan->depth];
	char buf[64];

	if (is_close(token))
		return close_bracket(scan, token);
	frame->state = S_NAME;
	fputc(';', scan->lexer.out);
	if (token->kind == ';' || token->kind == ',')
		return true;
	if (token->kind == TOKEN_WORD && token->line > frame->value_line)
		return put_key(scan, token);
	return fail(scan, token->line, "a ';' is missing before %s (and a value with a unit stands in quotes)",
		describe(token, buf));
}

static bool
on_next(struct scan *scan, const struct conf_token *token)
{
	char buf[64];

	if (is_close(token))
		return close_bracket(scan, token);
	scan->frame[scan->depth].state = S_ITEM;
	return token->kind == ',' || fail(scan, token->line, "a ',' is missing before %s", describe(token, buf));
}

static bool
step(struct scan *scan, const struct conf_token *token)
{
	switch (scan->frame[scan->depth].state) {
	case S_NAME:
		return on_name(scan, token);
	case S_ASSIGN:
		return on_assign(scan, token);
	case S_VALUE:
	case S_ITEM:
		return on_value(scan, token);
	case S_AFTER:
		return on_after(scan, token);
	case S_NEXT:
		return on_next(scan, token);
	}
	return false;
}

static bool
scan_all(struct scan *scan)
{
	struct conf_token token;

	do {
		token = conf_next_token(&scan->lexer);
		if (token.kind == TOKEN_BROKEN || !step(scan, &token))
			return false;
	} while (token.kind != TOKEN_END);
	return true;
}

char *
conf_scan(const char *name, const char *text, size_t size, struct seki_err *err)
{
	struct scan *scan = calloc(1, sizeof(*scan));
	char *out = NULL;
	size_t out_size;
	bool whole = false;

	if (scan != NULL)
		scan->lexer.out = open_memstream(&out, &out_size);
	if (scan == NULL || scan->lexer.out == NULL) {
		seki_err_add(err, name, 0, "not enough memory to read the file");
		free(scan);
		return NULL;
	}
	scan->lexer = (struct conf_lexer){name, err, text, text + size, 1, scan->lexer.out};
	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		scan->lexer.p += 3; /* the byte order mark of some editors */
	whole = scan_all(scan);
	if (fclose(scan->lexer.out) != 0)
		whole = seki_err_add(err, name, 0, "not enough memory to read the file") == 0;
	free(scan);
	if (!whole) {
		free(out);
		return NULL;
	}
	return out;
}
