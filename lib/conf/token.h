/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CONF_TOKEN_H
#define SEKI_CONF_TOKEN_H

/* Characters to tokens, for conf_scan. Internal to lib/conf. */

#include "err.h"

#include <stdio.h>

/* Kinds of tokens beside the punctuation marks, which stand for themselves (':' is '='). */
enum {
	TOKEN_END = 0,
	TOKEN_WORD = 'w',
	TOKEN_STRING = 's',
	TOKEN_BROKEN = '!', /* reported; the scan ends */
};

struct conf_token {
	char kind;
	const char *text;
	int len;
	int line;
};

struct conf_lexer {
	const char *name; /* of the file, in messages */
	struct seki_err *err;
	const char *p, *end;
	int line;
	FILE *out; /* is given a newline for each that is read, so that lines stay what they were */
};

struct conf_token conf_next_token(struct conf_lexer *lexer);

#endif
