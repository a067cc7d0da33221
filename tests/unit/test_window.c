/* SPDX-License-Identifier: BSD-3-Clause */
/* Sliding windows, slots and the sketch against deques of timestamps that remember everything. */
#include "hash.h"
#include "sketch.h"
#include "slots.h"
#include "suite.h"
#include "window.h"

#include <math.h>

#define SHIFT 30
#define W (UINT64_C(1) << SHIFT)

/* What came, and when: the truth. */
struct deque {
	uint64_t *at;
	uint32_t *amount;
	size_t first, n, room;
};

static void
deque_put(struct deque *d, uint64_t at, uint32_t amount)
{
	if (d->n == d->room) {
		d->room = d->room * 2 + 64;
		d->at = realloc(d->at, d->room * sizeof(*d->at));
		d->amount = realloc(d->amount, d->room * sizeof(*d->amount));
	}
	d->at[d->n] = at;
	d->amount[d->n++] = amount;
}

/* What came in [from, to). */
static uint64_t
deque_sum(const struct deque *d, uint64_t from, uint64_t to)
{
	uint64_t sum = 0;

	for (size_t i = d->n; i > d->first && d->at[i - 1] >= from; i--)
		sum += d->at[i - 1] < to ? d->amount[i - 1] : 0;
	return sum;
}

static void
deque_forget(struct deque *d, uint64_t before)
{
	while (d->first < d->n && d->at[d->first] < before)
		d->first++;
	if (d->first < d->n / 2 || d->first == 0)
		return;
	memmove(d->at, d->at + d->first, (d->n - d->first) * sizeof(*d->at));
	memmove(d->amount, d->amount + d->first, (d->n - d->first) * sizeof(*d->amount));
	d->n -= d->first;
	d->first = 0;
}

/* How time goes on between two arrivals: bursts, an even stream, pauses of a window and of many. */
static uint64_t
next_time(struct seki_rng *rng, uint64_t now)
{
	switch (seki_rng_below(rng, 64)) {
	case 0:
		return now + seki_rng_below(rng, 3 * W);
	case 1:
		return now + seki_rng_below(rng, 200 * W);
	case 2: /* to the very edge of a window */
		return (now / W + 1) * W - seki_rng_below(rng, 2);
	default:
		return now + seki_rng_below(rng, W / 20);
	}
}

/*
 * The word counts its two windows exactly, and the estimate keeps the bound of the header: off by what of the previous
 * window lies on the wrong side of now - W.
 */
START_TEST(window_keeps_its_bound)
{
	struct deque d = {0};
	struct seki_rng rng;
	uint64_t now = 65530 * W, word; /* the number of the window wraps soon */

	seki_rng_init(&rng, 1 + (uint64_t)_i);
	word = seki_window_start(seki_window_at(now, SHIFT), 1023);
	for (unsigned i = 0; i < 1000000; i++) {
		uint32_t amount = (uint32_t)seki_rng_below(&rng, _i == 0 ? 2 : 700);
		uint64_t current, previous, begin;
		struct seki_window_time t;
		double passed, estimate, truth, rounding;

		now = next_time(&rng, now);
		t = seki_window_at(now, SHIFT);
		begin = now / W * W;
		deque_put(&d, now, amount);
		word = seki_window_add(seki_window_roll(word, t), amount);
		current = deque_sum(&d, begin, now + 1);
		previous = deque_sum(&d, begin - W, begin);
		HOLDS((word & SEKI_WINDOW_MAX) == current, "the window's count");
		HOLDS((word >> SEKI_WINDOW_BITS & SEKI_WINDOW_MAX) == previous, "the count of the one before");
		HOLDS(word >> 48 == (uint16_t)(now / W + 2), "its number");
		HOLDS(seki_window_label(word) == 1023, "its label");
		passed = (double)(now - begin) / (double)W;
		estimate = seki_window_estimate(word, t);
		truth = (double)deque_sum(&d, now - W + 1, now + 1);
		rounding = 1 + (double)previous / 65536;
		HOLDS(estimate - truth <= (double)previous * (1 - passed) + rounding, "%g, not %g", estimate, truth);
		HOLDS(truth - estimate <= (double)previous * passed + rounding, "%g, not %g", estimate, truth);
		if (i % 1000 == 0)
			deque_forget(&d, begin - W);
	}
	free(d.at);
	free(d.amount);
}
END_TEST

#define WORD(number, before, now) \
	((uint64_t)(number) << 48 | UINT64_C(77) << 38 | (uint64_t)(before) << 19 | (uint64_t)(now))

/* Rows: what the word was, what time does to it. */
START_TEST(window_rolls)
{
	static const struct {
		const char *about;
		uint64_t word;
		uint16_t window;
		uint64_t expected;
	} rows[] = {
		{"the same window", WORD(7, 5, 3), 5, WORD(7, 5, 3)},
		{"the next one", WORD(7, 5, 3), 6, WORD(8, 3, 0)},
		{"one after that", WORD(7, 5, 3), 7, WORD(9, 0, 0)},
		{"much later", WORD(7, 5, 3), 30000, WORD(30002, 0, 0)},
		{"a step back", WORD(7, 5, 3), 4, WORD(7, 5, 3)},
		{"two steps back", WORD(7, 5, 3), 3, WORD(7, 5, 3)},
		{"over the wrap", WORD(1, 5, 3), 65535, WORD(1, 5, 3)},
		{"over the wrap, next", WORD(1, 5, 3), 0, WORD(2, 3, 0)},
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct seki_window_time t = {.window = rows[i].window};

		ck_assert_msg(seki_window_roll(rows[i].word, t) == rows[i].expected, "%s: %016llx", rows[i].about,
			(unsigned long long)seki_window_roll(rows[i].word, t));
	}
}
END_TEST

START_TEST(window_saturates)
{
	struct seki_window_time t = {.window = 100, .passed = 0};
	uint64_t word = seki_window_start(t, 5);

	word = seki_window_add(word, SEKI_WINDOW_MAX - 5);
	word = seki_window_add(word, UINT32_MAX);
	ck_assert_uint_eq(word & SEKI_WINDOW_MAX, SEKI_WINDOW_MAX);
	word = seki_window_add(word, 1);
	ck_assert_uint_eq(word >> 38, 102 << 10 | 5); /* nothing spills over */
	ck_assert_uint_eq(seki_window_estimate(word, t), SEKI_WINDOW_MAX);
	t.window++;
	word = seki_window_add(seki_window_roll(word, t), UINT32_MAX);
	ck_assert_uint_eq(seki_window_estimate(word, t), 2 * SEKI_WINDOW_MAX);
}
END_TEST

START_TEST(slots_are_exact)
{
	struct seki_slots s = {0};
	uint64_t value[400] = {0};
	struct seki_rng rng;

	seki_rng_init(&rng, 3);
	for (unsigned n = 1; n < N(value); n++) {
		value[n] = value[n - 1] + seki_rng_below(&rng, 1000);
		seki_slots_push(&s, value[n]);
		for (unsigned k = 1; k <= SEKI_SLOTS; k++) {
			unsigned ticks;
			uint64_t grown = seki_slots_tens(&s, k, &ticks);

			ck_assert_uint_eq(seki_slots_ticks(&s, k), value[n] - (k <= n ? value[n - k] : 0));
			ck_assert_uint_eq(grown, value[n] - value[n - ticks]);
			if (n >= 10 * k) {
				ck_assert_uint_le(ticks, 10 * k);
				ck_assert_uint_ge(ticks, 10 * k - 9);
			}
		}
	}
}
END_TEST

#define N_LINES 256
#define N_KEYS 20000

/* Truth of the sketch: what each key got in this window and the one before. */
struct truth {
	uint64_t digest;
	uint32_t current, previous;
	uint64_t window;
};

static void
truth_roll(struct truth *key, uint64_t window)
{
	key->previous = key->window + 1 == window ? key->current : key->window == window ? key->previous : 0;
	key->current = key->window == window ? key->current : 0;
	key->window = window;
}

/* What all other keys of the key's line got in both windows. */
static uint64_t
others_of(const struct seki_sketch *sketch, struct truth *keys, const struct truth *key, uint64_t window)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < N_KEYS; i++) {
		if (&keys[i] == key ||
			seki_sketch_line(sketch, keys[i].digest) != seki_sketch_line(sketch, key->digest))
			continue;
		truth_roll(&keys[i], window);
		sum += keys[i].current + keys[i].previous;
	}
	return sum;
}

/*
 * Never below the truth; more than 2T/5 above it for at most one key in eight. The share that was above is compared
 * with 1/8 and five standard deviations of a binomial.
 */
START_TEST(sketch_keeps_its_bound)
{
	struct seki_sketch sketch = {aligned_alloc(64, N_LINES * sizeof(struct seki_sketch_line)), N_LINES};
	struct truth *keys = calloc(N_KEYS, sizeof(*keys));
	struct seki_rng rng;
	uint64_t now = 65534 * W;
	unsigned asked = 0, above = 0;

	memset(sketch.line, 0, N_LINES * sizeof(*sketch.line));
	seki_rng_init(&rng, 4);
	for (unsigned i = 0; i < N_KEYS; i++)
		keys[i].digest = seki_rng_next(&rng);
	for (unsigned i = 0; i < 4000000; i++) {
		/* A few heavy keys among many light ones; quiet times now and then. */
		struct truth *key = &keys[seki_rng_below(&rng, seki_rng_below(&rng, 4) == 0 ? 20 : N_KEYS)];
		uint32_t amount = 1 + (uint32_t)seki_rng_below(&rng, 3), estimate;
		struct seki_window_time t;
		uint64_t true_count;

		now += seki_rng_below(&rng, seki_rng_below(&rng, 300000) == 0 ? 5 * W : W / 100000);
		t = seki_window_at(now, SHIFT);
		truth_roll(key, now / W);
		key->current += amount;
		estimate = seki_sketch_add(seki_sketch_line(&sketch, key->digest), key->digest, t, amount);
		true_count = key->current + ((uint64_t)key->previous * (65536u - t.passed) >> 16);
		HOLDS(estimate >= (true_count < UINT16_MAX ? true_count : UINT16_MAX), "%u is too few", estimate);
		HOLDS(estimate == seki_sketch_estimate(seki_sketch_line(&sketch, key->digest), key->digest, t),
			"asked, it says another count");
		if (seki_rng_below(&rng, 500) == 0) {
			asked++;
			above += estimate - true_count > 2 * others_of(&sketch, keys, key, now / W) / 5 + 1;
		}
	}
	ck_assert_uint_gt(asked, 5000);
	ck_assert_msg(above <= asked / 8.0 + 5 * sqrt(asked * 0.125 * 0.875), "%u of %u", above, asked);
	free(sketch.line);
	free(keys);
}
END_TEST

START_TEST(sketch_saturates_and_forgets)
{
	struct seki_sketch_line *line = aligned_alloc(64, sizeof(*line));
	struct seki_window_time t = {.window = 7};

	memset(line, 0, sizeof(*line));
	ck_assert_uint_eq(seki_sketch_add(line, 99, t, UINT32_MAX), UINT16_MAX);
	ck_assert_uint_eq(seki_sketch_add(line, 99, t, 1), UINT16_MAX);
	t.window = 8;
	ck_assert_uint_eq(seki_sketch_estimate(line, 99, t), UINT16_MAX);
	t.window = 6; /* a step back */
	ck_assert_uint_eq(seki_sketch_estimate(line, 99, t), UINT16_MAX);
	t.window = 9;
	ck_assert_uint_eq(seki_sketch_estimate(line, 99, t), 0);
	t.window = 40000; /* half the circle away */
	ck_assert_uint_eq(seki_sketch_add(line, 99, t, 5), 5);
	t.window = 40001;
	t.passed = 32768;
	ck_assert_uint_eq(seki_sketch_add(line, 99, t, 1), 3);
	free(line);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("window");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, window_keeps_its_bound, 0, 2);
	tcase_add_test(tests, window_rolls);
	tcase_add_test(tests, window_saturates);
	tcase_add_test(tests, slots_are_exact);
	tcase_add_test(tests, sketch_keeps_its_bound);
	tcase_add_test(tests, sketch_saturates_and_forgets);
	return suite_run("window", tests);
}
