/* SPDX-License-Identifier: BSD-3-Clause */
/* Keyed digests of every kind that the CPU has: against each other, published AES, and what a good hash must do. */
#include "digest.h"
#include "suite.h"

static const struct seki_key secret = {{0x0123456789abcdef, 0xfedcba9876543210}};

static void
random_keys(struct seki_block *key, unsigned n, uint64_t seed)
{
	struct seki_rng rng;

	seki_rng_init(&rng, seed);
	for (unsigned i = 0; i < n; i++)
		key[i] = (struct seki_block){{seki_rng_next(&rng), seki_rng_next(&rng)}};
}

/* One kind over many keys, in bursts of all sizes, is what it is key by key. */
START_TEST(bursts_equal_singles)
{
	struct seki_block key[3 * 64];
	struct seki_digest d;

	if (!seki_digest_init_kind(&d, &secret, (enum seki_digest_kind)_i))
		return;
	random_keys(key, 3 * 64, 1);
	for (unsigned m = 1; m <= SEKI_DIGEST_BLOCKS; m++) {
		for (unsigned n = 0; n <= 64; n++) {
			uint64_t out[65], one;

			out[n] = 77;
			seki_digest_burst(&d, key, m, out, n);
			ck_assert_uint_eq(out[n], 77);
			for (unsigned i = 0; i < n; i++) {
				seki_digest_burst(&d, &key[i * m], m, &one, 1);
				ck_assert_msg(out[i] == one, "%s, %u blocks, %u of %u",
					seki_digest_name((enum seki_digest_kind)_i), m, i, n);
			}
		}
	}
}
END_TEST

/* Both ways of AES give the same digests, so a table made by one can be read by the other. */
START_TEST(aes_ways_agree)
{
	struct seki_block key[3 * 32];
	uint64_t a[32], b[32];
	struct seki_digest aes, vaes;

	if (!seki_digest_init_kind(&aes, &secret, SEKI_DIGEST_AES) ||
		!seki_digest_init_kind(&vaes, &secret, SEKI_DIGEST_VAES))
		return;
	random_keys(key, 3 * 32, 2);
	for (unsigned m = 1; m <= SEKI_DIGEST_BLOCKS; m++) {
		seki_digest_burst(&aes, key, m, a, 32);
		seki_digest_burst(&vaes, key, m, b, 32);
		ck_assert_mem_eq(a, b, sizeof(a));
	}
}
END_TEST

/*
 * The rounds are those of AES: FIPS 197, appendix B, has the state after each of them. The state at the start of round
 * 1 is plaintext and key XORed; round keys 1 to 4 are those of the appendix; the state after round 4 is that at the
 * start of round 5.
 */
START_TEST(rounds_are_those_of_fips_197)
{
	static const uint8_t words[1 + SEKI_DIGEST_ROUNDS][16] = {
		{0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c},
		{0xa0, 0xfa, 0xfe, 0x17, 0x88, 0x54, 0x2c, 0xb1, 0x23, 0xa3, 0x39, 0x39, 0x2a, 0x6c, 0x76, 0x05},
		{0xf2, 0xc2, 0x95, 0xf2, 0x7a, 0x96, 0xb9, 0x43, 0x59, 0x35, 0x80, 0x7a, 0x73, 0x59, 0xf6, 0x7f},
		{0x3d, 0x80, 0x47, 0x7d, 0x47, 0x16, 0xfe, 0x3e, 0x1e, 0x23, 0x7e, 0x44, 0x6d, 0x7a, 0x88, 0x3b},
		{0xef, 0x44, 0xa5, 0x41, 0xa8, 0x52, 0x5b, 0x7f, 0xb6, 0x71, 0x25, 0x3b, 0xdb, 0x0b, 0xad, 0x00},
	};
	static const uint8_t plain[16] = {
		0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d, 0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};
	static const uint8_t after4[8] = {0xe0, 0x92, 0x7f, 0xe8, 0xc8, 0x63, 0x63, 0xc0};
	struct seki_block key[4];
	struct seki_digest d;
	uint64_t out[4], wanted;

	for (unsigned i = 0; i < 4; i++)
		memcpy(&key[i], plain, sizeof(plain));
	memcpy(&wanted, after4, sizeof(wanted));
	for (enum seki_digest_kind kind = SEKI_DIGEST_AES; kind < SEKI_N_DIGESTS; kind++) {
		if (!seki_digest_init_kind(&d, &secret, kind))
			continue;
		memcpy(d.round[0], words, sizeof(words));
		seki_digest_burst(&d, key, 1, out, 4);
		for (unsigned i = 0; i < 4; i++)
			ck_assert_msg(
				out[i] == wanted, "%s: %016llx", seki_digest_name(kind), (unsigned long long)out[i]);
	}
}
END_TEST

/* Every bit of every block of the key, and the secret, changes about half of the digest's bits. */
START_TEST(every_bit_matters)
{
	struct seki_key other = secret;
	struct seki_block key[3];
	struct seki_digest d;
	uint64_t plain, out, bits = 0;

	if (!seki_digest_init_kind(&d, &secret, (enum seki_digest_kind)_i))
		return;
	random_keys(key, 3, 3);
	seki_digest_burst(&d, key, 3, &plain, 1);
	for (unsigned bit = 0; bit < 3 * 128; bit++) {
		key[bit / 128].q[bit / 64 % 2] ^= UINT64_C(1) << bit % 64;
		seki_digest_burst(&d, key, 3, &out, 1);
		ck_assert_int_gt(__builtin_popcountll(out ^ plain), 12);
		bits += (unsigned)__builtin_popcountll(out ^ plain);
		key[bit / 128].q[bit / 64 % 2] ^= UINT64_C(1) << bit % 64;
	}
	ck_assert_uint_gt(bits, 3 * 128 * 31);
	ck_assert_uint_lt(bits, 3 * 128 * 33);
	other.k[1] ^= 1;
	seki_digest_init_kind(&d, &other, (enum seki_digest_kind)_i);
	seki_digest_burst(&d, key, 3, &out, 1);
	ck_assert_uint_ne(out, plain);
}
END_TEST

/* The same bytes in another block are another key; zero blocks behind are too. */
START_TEST(place_matters)
{
	struct seki_block key[5] = {{{0}}, {{0}}, {{5, 6}}, {{0}}, {{0}}};
	uint64_t seen[4];
	struct seki_digest d;

	if (!seki_digest_init_kind(&d, &secret, (enum seki_digest_kind)_i))
		return;
	for (unsigned i = 0; i < 3; i++)
		seki_digest_burst(&d, &key[i], 3, &seen[i], 1);
	seki_digest_burst(&d, &key[2], 1, &seen[3], 1);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < i; j++)
			ck_assert_uint_ne(seen[i], seen[j]);
}
END_TEST

/*
 * Keys as an attacker would write them, counting up in one field, fall evenly on 1,024 places, by the high half and by
 * the low one. Chi-square of 1,023 degrees of freedom: beyond 1,250 in less than one of a million.
 */
START_TEST(counting_keys_spread)
{
	enum { PLACES = 1024, KEYS = 65536 };
	static unsigned place[2][PLACES];
	struct seki_digest d;

	if (!seki_digest_init_kind(&d, &secret, (enum seki_digest_kind)_i))
		return;
	for (unsigned shift = 0; shift < 128; shift += 16) {
		double chi[2] = {0, 0};

		memset(place, 0, sizeof(place));
		for (uint64_t k = 0; k < KEYS; k++) {
			struct seki_block key = {{shift < 64 ? k << shift : 0, shift < 64 ? 0 : k << (shift - 64)}};
			uint64_t out;

			seki_digest_burst(&d, &key, 1, &out, 1);
			place[0][out >> 54]++;
			place[1][out & (PLACES - 1)]++;
		}
		for (unsigned h = 0; h < 2; h++) {
			for (unsigned i = 0; i < PLACES; i++) {
				double off = (double)place[h][i] - (double)KEYS / PLACES;

				chi[h] += off * off / ((double)KEYS / PLACES);
			}
			ck_assert_msg(chi[h] < 1250 && chi[h] > 800, "shift %u half %u: %f", shift, h, chi[h]);
		}
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("digest");

	tcase_add_loop_test(tests, bursts_equal_singles, 0, SEKI_N_DIGESTS);
	tcase_add_test(tests, aes_ways_agree);
	tcase_add_test(tests, rounds_are_those_of_fips_197);
	tcase_add_loop_test(tests, every_bit_matters, 0, SEKI_N_DIGESTS);
	tcase_add_loop_test(tests, place_matters, 0, SEKI_N_DIGESTS);
	tcase_add_loop_test(tests, counting_keys_spread, 0, SEKI_N_DIGESTS);
	return suite_run("digest", tests);
}
