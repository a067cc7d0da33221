/* SPDX-License-Identifier: BSD-3-Clause */
#include "list.h"

#include "list_json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No published format comes near; a longer line is some other kind of file. */
#define LINE_MAX_BYTES 1024

/* Shorter prefixes than these are a typo, not a source, but where nothing can be one. */
#define LEN4_MIN 8
#define LEN6_MIN 16

/* A longer file holds no list of SEKI_LIST_MAX entries, and is not read into memory. */
#define FILE_MAX_BYTES ((size_t)512 << 20)

/* What a message quotes of a line. */
#define QUOTE_MAX 60

#define BLANKS " \t\r\v\f"

struct item {
	struct seki_prefix prefix;
	uint32_t line;
};

struct reader {
	const char *name;
	uint32_t line; /* 1-based, of the line being read */
	struct seki_err *err;
	struct item *item;
	size_t n, room;
	bool stop; /* there is no room for more */
	int rc;    /* 0, or what the list as a whole ends with */
};

/* What people see of a line in a message: no control bytes, not too long. Returns `buf`. */
static const char *
quote(const char *text, char buf[QUOTE_MAX + 4])
{
	size_t n = strnlen(text, QUOTE_MAX);

	for (size_t i = 0; i < n; i++)
		buf[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
	strcpy(buf + n, text[n] == '\0' ? "" : "...");
	return buf;
}

/* Adds "file:line: sentence"; the line stays out and the list as a whole is refused. */
#define BAD_LINE(reader, ...) \
	((reader)->rc = seki_err_add((reader)->err, (reader)->name, (int)(reader)->line, __VA_ARGS__))

static void
add_prefix(struct reader *reader, const struct seki_prefix *prefix)
{
	if (reader->stop)
		return;
	if (reader->n == SEKI_LIST_MAX) {
		BAD_LINE(reader, "more than %d entries in one list", SEKI_LIST_MAX);
		reader->stop = true;
		return;
	}
	if (reader->n == reader->room) {
		size_t room = reader->room == 0 ? 256 : reader->room * 2;
		struct item *item = realloc(reader->item, room * sizeof(*item));

		if (item == NULL) {
			BAD_LINE(reader, "no memory for %zu entries", room);
			reader->rc = -ENOMEM;
			reader->stop = true;
			return;
		}
		reader->item = item;
		reader->room = room;
	}
	reader->item[reader->n++] = (struct item){*prefix, reader->line};
}

/* Multicast and reserved addresses of IPv4; what of IPv6 is global unicast. */
#define NO_SOURCE4 0xe0000000u
static const struct seki_prefix no_source4 = {.family = 4, .len = 3, .addr = {NO_SOURCE4 >> 24}};
static const struct seki_prefix global6 = {.family = 6, .len = 3, .addr = {0x20}};

/* All of it is space from which no packet can come. Lists of bogons name that in few wide prefixes. */
static bool
is_no_source(const struct seki_prefix *prefix)
{
	if (prefix->family == 4)
		return seki_prefix_covers(&no_source4, prefix);
	return !seki_prefix_covers(&global6, prefix) && !seki_prefix_covers(prefix, &global6);
}

static void
read_prefix(struct reader *reader, const char *text)
{
	char meant[SEKI_PREFIX_STRLEN], quoted[QUOTE_MAX + 4];
	struct seki_prefix prefix;
	uint8_t min;

	switch (seki_prefix_parse(text, &prefix)) {
	case 0:
		break;
	case -EDOM:
		BAD_LINE(reader, "'%s': host bits are set; did you mean %s?", quote(text, quoted),
			seki_prefix_format(&prefix, meant));
		return;
	default:
		BAD_LINE(reader, "'%s' is no address, prefix or range", quote(text, quoted));
		return;
	}
	min = prefix.family == 4 ? LEN4_MIN : LEN6_MIN;
	if (prefix.len == 0)
		BAD_LINE(reader, "'%s' is the default route: a list of every address there is", quote(text, quoted));
	else if (prefix.len < min && !is_no_source(&prefix))
		BAD_LINE(reader, "'%s' is wider than a /%u, which no list can mean", quote(text, quoted), min);
	else
		add_prefix(reader, &prefix);
}

/* The fewest prefixes that hold exactly first..last: from the left, the largest that is aligned and fits. */
static void
add_range(struct reader *reader, uint32_t first, uint32_t last)
{
	uint64_t at = first;

	while (at <= last) {
		unsigned bits = at == 0 ? 32 : (unsigned)__builtin_ctzll(at);
		struct seki_prefix prefix = {.family = 4};
		uint32_t addr_be = htonl((uint32_t)at);

		while (at + (1ull << bits) - 1 > last)
			bits--;
		memcpy(prefix.addr, &addr_be, sizeof(addr_be));
		prefix.len = (uint8_t)(32 - bits);
		add_prefix(reader, &prefix);
		at += 1ull << bits;
	}
}

static void
read_range(struct reader *reader, char *text, char *dash)
{
	char quoted[QUOTE_MAX + 4];
	uint32_t first, last;
	char *end = dash, *to = dash + 1;

	quote(text, quoted);
	while (end > text && strchr(BLANKS, end[-1]) != NULL)
		end--;
	to += strspn(to, BLANKS);
	*end = '\0';
	if (inet_pton(AF_INET, text, &first) != 1 || inet_pton(AF_INET, to, &last) != 1) {
		BAD_LINE(reader, "'%s' is no range of two IPv4 addresses", quoted);
		return;
	}
	first = ntohl(first);
	last = ntohl(last);
	if (first > last)
		BAD_LINE(reader, "'%s': the range ends before it starts", quoted);
	else if (last - first >= 1u << (32 - LEN4_MIN) && first < NO_SOURCE4)
		BAD_LINE(reader, "'%s' is wider than a /%u, which no list can mean", quoted, LEN4_MIN);
	else
		add_range(reader, first, last);
}

/* Cuts the comment and the blanks around; returns where the text starts. */
static char *
trim(char *text)
{
	size_t n;

	text += strspn(text, BLANKS);
	n = strcspn(text, "#;");
	while (n > 0 && strchr(BLANKS, text[n - 1]) != NULL)
		n--;
	text[n] = '\0';
	return text;
}

static void
read_plain(struct reader *reader, char *line)
{
	char *text = trim(line), *dash = strchr(text, '-'), quoted[QUOTE_MAX + 4];
	size_t word = strcspn(text, BLANKS);

	if (*text == '\0')
		return;
	if (dash != NULL)
		read_range(reader, text, dash);
	else if (text[word] != '\0')
		BAD_LINE(reader, "'%s': one address or prefix a line; what follows it must be a comment",
			quote(text, quoted));
	else
		read_prefix(reader, text);
}

static void
read_json(struct reader *reader, const char *line)
{
	struct list_json json;
	char text[SEKI_PREFIX_STRLEN * 2], quoted[QUOTE_MAX + 4];

	if (!list_json_read(line, &json)) {
		BAD_LINE(reader, "'%s' is no complete JSON object", quote(line, quoted));
		return;
	}
	if (json.cidr == NULL && json.is_metadata)
		return;
	if (json.cidr == NULL) {
		BAD_LINE(reader, "'%s': the object has no string \"cidr\"", quote(line, quoted));
		return;
	}
	snprintf(text, sizeof(text), "%.*s", json.cidr_len, json.cidr);
	read_prefix(reader, text);
}

static void
read_line(struct reader *reader, const char *text, size_t size)
{
	char line[LINE_MAX_BYTES + 1];
	const char *start;

	reader->line++;
	if (size > LINE_MAX_BYTES) {
		BAD_LINE(reader, "the line has more than %d bytes: is this a list?", LINE_MAX_BYTES);
		return;
	}
	if (memchr(text, '\0', size) != NULL) {
		BAD_LINE(reader, "the line holds a zero byte: is this a text file?");
		return;
	}
	memcpy(line, text, size);
	line[size] = '\0';
	start = line + strspn(line, BLANKS);
	if (*start == '{')
		read_json(reader, start);
	else
		read_plain(reader, line);
}

static int
compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = seki_prefix_compare(&x->prefix, &y->prefix);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* Sorted, each prefix once, under the first line that names it. */
static int
finish(struct reader *reader, struct seki_list *list)
{
	if (reader->n == 0)
		return 0;
	qsort(reader->item, reader->n, sizeof(*reader->item), compare_items);
	list->prefix = malloc(reader->n * sizeof(*list->prefix));
	list->line = malloc(reader->n * sizeof(*list->line));
	if (list->prefix == NULL || list->line == NULL) {
		seki_list_fini(list);
		seki_err_add(reader->err, reader->name, 0, "no memory for %zu entries", reader->n);
		return -ENOMEM;
	}
	for (size_t i = 0; i < reader->n; i++) {
		const struct item *item = &reader->item[i];

		if (list->n > 0 && seki_prefix_compare(&list->prefix[list->n - 1], &item->prefix) == 0)
			continue;
		list->prefix[list->n] = item->prefix;
		list->line[list->n++] = item->line;
	}
	return 0;
}

int
seki_list_parse(const char *name, const char *text, size_t size, struct seki_list *list, struct seki_err *err)
{
	struct reader reader = {.name = name, .err = err};
	const char *end = text + size;

	*list = (struct seki_list){0};
	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (text < end && !reader.stop) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline == NULL ? end : newline;

		read_line(&reader, text, (size_t)(stop - text));
		text = newline == NULL ? end : newline + 1;
	}
	if (reader.rc == 0)
		reader.rc = finish(&reader, list);
	free(reader.item);
	return reader.rc;
}

/* Reads `fd` to its end, whatever kind of file it is. `*text` is to be freed in any case. */
static int
read_all(int fd, char **text, size_t *size)
{
	size_t room = 0;

	for (;;) {
		ssize_t got;

		if (*size == room) {
			char *grown;

			room = room == 0 ? 1 << 16 : room * 2;
			grown = room > FILE_MAX_BYTES ? NULL : realloc(*text, room);
			if (grown == NULL)
				return room > FILE_MAX_BYTES ? -EFBIG : -ENOMEM;
			*text = grown;
		}
		got = read(fd, *text + *size, room - *size);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return -errno;
		*size += got > 0 ? (size_t)got : 0;
	}
}

int
seki_list_read(const char *path, struct seki_list *list, struct seki_err *err)
{
	char *text = NULL;
	size_t size = 0;
	int fd, rc;

	*list = (struct seki_list){0};
	fd = open(path, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? -errno : read_all(fd, &text, &size);
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		seki_err_add(err, path, 0, "the list cannot be read: %s", strerror(-rc));
	else
		rc = seki_list_parse(path, text, size, list, err);
	free(text);
	return rc;
}

void
seki_list_fini(struct seki_list *list)
{
	free(list->prefix);
	free(list->line);
	*list = (struct seki_list){0};
}
