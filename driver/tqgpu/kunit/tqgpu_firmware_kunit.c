// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_fake.h"

#define TQGPU_TEST_BODY 64

struct tqgpu_test_image {
	struct tqgpu_firmware_header header;
	u8 body[TQGPU_TEST_BODY];
};

static struct tqgpu_test_image tqgpu_test_good_image(void)
{
	struct tqgpu_test_image image = {
		.header = { .magic = TQGPU_FIRMWARE_MAGIC, .abi = TQGPU_CARD_ABI,
			    .header_bytes = sizeof(struct tqgpu_firmware_header), .size_bytes = TQGPU_TEST_BODY },
	};
	int i;

	for (i = 0; i < TQGPU_TEST_BODY; i++)
		image.body[i] = i * 7;
	image.header.crc32 = ~crc32_le(~0, image.body, TQGPU_TEST_BODY);
	return image;
}

static int tqgpu_test_check(struct kunit *test, const struct tqgpu_test_image *image, size_t size)
{
	const struct firmware fw = { .size = size, .data = (const u8 *)image };

	return tqgpu_firmware_check(tqgpu_fake_device(test), &fw);
}

static void tqgpu_firmware_test_good_image_is_taken(struct kunit *test)
{
	struct tqgpu_test_image image = tqgpu_test_good_image();

	KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, sizeof(image)), 0);
	image.header.abi = TQGPU_CARD_ABI_MAJOR << 16 | 0xffff; /* a minor one only adds */
	KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, sizeof(image)), 0);
}

static void tqgpu_firmware_test_broken_images_are_refused(struct kunit *test)
{
	struct tqgpu_test_image image = tqgpu_test_good_image();
	size_t size;
	int bit;

	for (size = 0; size < sizeof(image); size += 5)
		KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, size), -EINVAL);
	image.header.magic ^= 1;
	KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, sizeof(image)), -EINVAL);
	image = tqgpu_test_good_image();
	image.header.abi = (TQGPU_CARD_ABI_MAJOR + 1) << 16;
	KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, sizeof(image)), -EINVAL);
	image = tqgpu_test_good_image();
	image.header.header_bytes = ~0u;
	KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, sizeof(image)), -EINVAL);
	image = tqgpu_test_good_image();
	image.header.size_bytes--;
	KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, sizeof(image)), -EINVAL);
	for (bit = 0; bit < 8 * TQGPU_TEST_BODY; bit += 37) {
		image = tqgpu_test_good_image();
		image.body[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_EQ(test, tqgpu_test_check(test, &image, sizeof(image)), -EINVAL);
	}
}

static struct kunit_case tqgpu_firmware_cases[] = {
	KUNIT_CASE(tqgpu_firmware_test_good_image_is_taken),
	KUNIT_CASE(tqgpu_firmware_test_broken_images_are_refused),
	{}
};

static struct kunit_suite tqgpu_firmware_suite = { .name = "tqgpu_firmware", .test_cases = tqgpu_firmware_cases };
kunit_test_suite(tqgpu_firmware_suite);
