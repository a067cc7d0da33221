/* SPDX-License-Identifier: BSD-3-Clause */
/* Published vectors for the keyed hash and the generator. */
#include "hash.h"
#include "suite.h"

/* SipHash-2-4, appendix A of the paper and vectors of its reference code: key 00..0f, input 00, 01, ... of length i. */
static const uint64_t siphash_vectors[64] = {
	0x726fdb47dd0e0e31,
	0x74f839c593dc67fd,
	0x0d6c8009d9a94f5a,
	0x85676696d7fb7e2d,
	0xcf2794e0277187b7,
	0x18765564cd99a68d,
	0xcbc9466e58fee3ce,
	0xab0200f58b01d137,
	0x93f5f5799a932462,
	0x9e0082df0ba9e4b0,
	0x7a5dbbc594ddb9f3,
	0xf4b32f46226bada7,
	0x751e8fbc860ee5fb,
	0x14ea5627c0843d90,
	0xf723ca908e7af2ee,
	0xa129ca6149be45e5,
	0x3f2acc7f57c29bdb,
	0x699ae9f52cbe4794,
	0x4bc1b3f0968dd39c,
	0xbb6dc91da77961bd,
	0xbed65cf21aa2ee98,
	0xd0f2cbb02e3b67c7,
	0x93536795e3a33e88,
	0xa80c038ccd5ccec8,
	0xb8ad50c6f649af94,
	0xbce192de8a85b8ea,
	0x17d835b85bbb15f3,
	0x2f2e6163076bcfad,
	0xde4daaaca71dc9a5,
	0xa6a2506687956571,
	0xad87a3535c49ef28,
	0x32d892fad841c342,
	0x7127512f72f27cce,
	0xa7f32346f95978e3,
	0x12e0b01abb051238,
	0x15e034d40fa197ae,
	0x314dffbe0815a3b4,
	0x027990f029623981,
	0xcadcd4e59ef40c4d,
	0x9abfd8766a33735c,
	0x0e3ea96b5304a7d0,
	0xad0c42d6fc585992,
	0x187306c89bc215a9,
	0xd4a60abcf3792b95,
	0xf935451de4f21df2,
	0xa9538f0419755787,
	0xdb9acddff56ca510,
	0xd06c98cd5c0975eb,
	0xe612a3cb9ecba951,
	0xc766e62cfcadaf96,
	0xee64435a9752fe72,
	0xa192d576b245165a,
	0x0a8787bf8ecb74b2,
	0x81b3e73d20b49b6f,
	0x7fa8220ba3b2ecea,
	0x245731c13ca42499,
	0xb78dbfaf3a8d83bd,
	0xea1ad565322a1a0b,
	0x60e61c23a3795013,
	0x6606d7e446282b93,
	0x6ca4ecb15c5f91e1,
	0x9f626da15c9625f3,
	0xe51b38608ef25f57,
	0x958a324ceb064572,
};

START_TEST(siphash_published)
{
	const struct seki_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
	uint8_t input[65];

	for (unsigned n = 0; n < 64; n++) {
		/* At an odd address: keys are not aligned. */
		for (unsigned i = 0; i < n; i++)
			input[1 + i] = (uint8_t)i;
		ck_assert_msg(seki_siphash(&key, input + 1, n) == siphash_vectors[n], "length %u", n);
	}
}
END_TEST

START_TEST(siphash_depends_on_every_bit)
{
	struct seki_key key = {{1, 2}};
	uint8_t input[40] = {0};
	uint64_t plain = seki_siphash(&key, input, sizeof(input));

	for (unsigned bit = 0; bit < sizeof(input) * 8; bit++) {
		input[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert(seki_siphash(&key, input, sizeof(input)) != plain);
		input[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 128; bit++) {
		key.k[bit / 64] ^= 1ull << bit % 64;
		ck_assert(seki_siphash(&key, input, sizeof(input)) != plain);
		key.k[bit / 64] ^= 1ull << bit % 64;
	}
}
END_TEST

START_TEST(generator_published)
{
	/* splitmix64 from 0, then xoshiro256** from {1, 2, 3, 4}: values of the authors' code. */
	static const uint64_t split[4] = {
		0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec};
	static const uint64_t next[4] = {11520, 0, 1509978240, 1215971899390074240};
	struct seki_rng rng;

	seki_rng_init(&rng, 0);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(rng.s[i], split[i]);
	rng = (struct seki_rng){{1, 2, 3, 4}};
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(seki_rng_next(&rng), next[i]);
}
END_TEST

START_TEST(generator_below)
{
	struct seki_rng rng;
	unsigned count[7] = {0};

	seki_rng_init(&rng, 42);
	for (int i = 0; i < 70000; i++)
		count[seki_rng_below(&rng, 7)]++;
	for (int i = 0; i < 7; i++)
		ck_assert_msg(count[i] > 9500 && count[i] < 10500, "%d came %u times", i, count[i]);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(seki_rng_below(&rng, 1), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_lt(seki_rng_below(&rng, 1ull << 63), 1ull << 63);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("hash");

	tcase_add_test(tests, siphash_published);
	tcase_add_test(tests, siphash_depends_on_every_bit);
	tcase_add_test(tests, generator_published);
	tcase_add_test(tests, generator_below);
	return suite_run("hash", tests);
}
