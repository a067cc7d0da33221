/* SPDX-License-Identifier: BSD-3-Clause */
#include "token.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Says what is wrong; false, so that a caller can return it. */
#define fail(lexer, line, ...) (seki_err_add((lexer)->err, (lexer)->name, line, __VA_ARGS__) == 0)

static bool
is_word_char(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("_.+*-", c) != NULL);
}

static void
newline(struct conf_lexer *lexer)
{
	lexer->line++;
	fputc('\n', lexer->out);
}

static bool
skip_block_comment(struct conf_lexer *lexer)
{
	int line = lexer->line;

	for (lexer->p += 2; lexer->p + 1 < lexer->end; lexer->p++) {
		if (lexer->p[0] == '*' && lexer->p[1] == '/') {
			lexer->p += 2;
			return true;
		}
		if (*lexer->p == '\n')
			newline(lexer);
	}
	return fail(lexer, line, "the comment that starts here with /* is never closed with */");
}

static bool
skip_blank(struct conf_lexer *lexer)
{
	while (lexer->p < lexer->end) {
		char c = *lexer->p;
		char after = lexer->p + 1 < lexer->end ? lexer->p[1] : '\0';

		if (c == '/' && after == '*') {
			if (!skip_block_comment(lexer))
				return false;
		} else if (c == '#' || (c == '/' && after == '/')) {
			while (lexer->p < lexer->end && *lexer->p != '\n')
				lexer->p++;
		} else if (c == '\n') {
			newline(lexer);
			lexer->p++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			lexer->p++;
		} else {
			break;
		}
	}
	return true;
}

/* From after the opening quote to after the closing one. */
static bool
read_string(struct conf_lexer *lexer, struct conf_token *token)
{
	token->kind = TOKEN_STRING;
	token->text = lexer->p;
	for (; lexer->p < lexer->end && *lexer->p != '"'; lexer->p++) {
		if (*lexer->p == '\n')
			break;
		if ((unsigned char)*lexer->p < 0x20 || *lexer->p == 0x7f)
			return fail(lexer, lexer->line, "the text holds the control character 0x%02x",
				(unsigned char)*lexer->p);
		if (*lexer->p != '\\')
			continue;
		lexer->p++;
		if (lexer->p == lexer->end || (*lexer->p != '"' && *lexer->p != '\\'))
			return fail(lexer, lexer->line, "after \\ in a text comes \" or \\ and nothing else");
	}
	token->len = (int)(lexer->p - token->text);
	if (lexer->p == lexer->end || *lexer->p == '\n')
		return fail(lexer, lexer->line, "the text that starts with \"%.*s has no closing quote on its line",
			token->len < 40 ? token->len : 40, token->text);
	lexer->p++;
	return true;
}

static bool
refuse_character(struct conf_lexer *lexer)
{
	unsigned char c = (unsigned char)*lexer->p;

	if (lexer->end - lexer->p >= 8 && memcmp(lexer->p, "@include", 8) == 0)
		return fail(lexer, lexer->line, "@include is not supported: a configuration is one file");
	if (c == '\'')
		return fail(lexer, lexer->line, "texts stand in double quotes (\"), not in single ones");
	if (c > 0x20 && c < 0x7f)
		return fail(lexer, lexer->line, "'%c' is not expected here; texts stand in double quotes", c);
	return fail(lexer, lexer->line, "byte 0x%02x is not expected here: is this a configuration file?", c);
}

struct conf_token
conf_next_token(struct conf_lexer *lexer)
{
	struct conf_token token = {.kind = TOKEN_BROKEN};

	if (!skip_blank(lexer))
		return token;
	token.text = lexer->p;
	token.line = lexer->line;
	token.len = 1;
	if (lexer->p == lexer->end) {
		token.kind = TOKEN_END;
	} else if (*lexer->p == '"') {
		lexer->p++;
		if (!read_string(lexer, &token))
			token.kind = TOKEN_BROKEN;
	} else if (*lexer->p != '\0' && strchr("{}()[]=:;,", *lexer->p) != NULL) {
		token.kind = *lexer->p == ':' ? '=' : *lexer->p;
		lexer->p++;
	} else if (is_word_char(*lexer->p)) {
		token.kind = TOKEN_WORD;
		while (lexer->p < lexer->end && is_word_char(*lexer->p))
			lexer->p++;
		token.len = (int)(lexer->p - token.text);
	} else {
		refuse_character(lexer);
	}
	return token;
}
