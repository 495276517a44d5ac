// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_fake.h"

/* The card's part: writes record `index`, counting from 1. */
static void tqgpu_test_write_fault(struct tqgpu_device *tq, u32 index, u32 context)
{
	struct tqgpu_fault_record *records = (void *)(tq->vram + TQGPU_FAULT_OFFSET);

	records[(index - 1) % TQGPU_FAULT_COUNT] = (struct tqgpu_fault_record){
		.index = index, .context = context, .cause = 15, .address = 0xdead0000 + index, .block = index };
	tq->control->fault_tail = index;
}

static struct tqgpu_queue *tqgpu_test_queue(struct kunit *test, struct tqgpu_device *tq, u32 context)
{
	struct tqgpu_queue *queue = kunit_kzalloc(test, sizeof(*queue), GFP_KERNEL);
	struct tqgpu_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, queue);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	spin_lock_init(&vm->fault_lock);
	queue->vm = vm;
	queue->context = context;
	queue->id = context + 100;
	KUNIT_ASSERT_EQ(test, xa_err(xa_store_irq(&tq->queues, context, queue, GFP_KERNEL)), 0);
	return queue;
}

static void tqgpu_fault_test_bans_the_guilty_alone(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_queue *guilty = tqgpu_test_queue(test, tq, 1), *other = tqgpu_test_queue(test, tq, 2);

	tqgpu_test_write_fault(tq, 1, 1);
	tqgpu_fault_drain(tq);
	KUNIT_EXPECT_TRUE(test, guilty->vm->banned);
	KUNIT_EXPECT_EQ(test, atomic_read(&guilty->flags), DRM_TQGPU_QUEUE_FAULTED | DRM_TQGPU_QUEUE_BANNED);
	KUNIT_EXPECT_EQ(test, guilty->vm->fault_count, 1);
	KUNIT_EXPECT_EQ(test, guilty->vm->faults[0].queue_id, 101);
	KUNIT_EXPECT_EQ(test, guilty->vm->faults[0].address, 0xdead0001);
	KUNIT_EXPECT_FALSE(test, other->vm->banned);
	KUNIT_EXPECT_EQ(test, atomic_read(&other->flags), 0);
	tqgpu_fault_drain(tq); /* nothing new */
	KUNIT_EXPECT_EQ(test, guilty->vm->fault_count, 1);
	xa_destroy(&tq->queues);
}

static void tqgpu_fault_test_keeps_the_newest(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);
	struct tqgpu_queue *queue = tqgpu_test_queue(test, tq, 3);
	u32 i, last = 2 * TQGPU_FAULT_COUNT + 5;

	for (i = 1; i <= last; i++)
		tqgpu_test_write_fault(tq, i, 3);
	tqgpu_fault_drain(tq); /* what the card's ring still holds */
	KUNIT_EXPECT_EQ(test, queue->vm->fault_count, TQGPU_FAULT_COUNT);
	KUNIT_EXPECT_EQ(test, tq->faults_read, last);
	KUNIT_EXPECT_EQ(test, queue->vm->faults[(TQGPU_FAULT_COUNT - 1) % TQGPU_FAULTS_KEPT].block, last);
	xa_destroy(&tq->queues);
}

static void tqgpu_fault_test_unknown_queue_is_nobodys(struct kunit *test)
{
	struct tqgpu_device *tq = tqgpu_fake_device(test);

	tqgpu_test_write_fault(tq, 1, 0xffffffff);
	tqgpu_fault_drain(tq);
	KUNIT_EXPECT_EQ(test, tq->faults_read, 1);
}

/* Whatever a broken card writes, a cause has a name. */
static void tqgpu_fault_test_every_cause_has_a_name(struct kunit *test)
{
	u32 cause;

	for (cause = 0; cause < 64; cause++)
		KUNIT_EXPECT_GT(test, strlen(tqgpu_cause_name(cause)), 0);
	KUNIT_EXPECT_STREQ(test, tqgpu_cause_name(13), "load page fault");
	KUNIT_EXPECT_STREQ(test, tqgpu_cause_name(15), "store page fault");
}

static struct kunit_case tqgpu_fault_cases[] = {
	KUNIT_CASE(tqgpu_fault_test_bans_the_guilty_alone),
	KUNIT_CASE(tqgpu_fault_test_keeps_the_newest),
	KUNIT_CASE(tqgpu_fault_test_unknown_queue_is_nobodys),
	KUNIT_CASE(tqgpu_fault_test_every_cause_has_a_name),
	{}
};

static struct kunit_suite tqgpu_fault_suite = { .name = "tqgpu_fault", .test_cases = tqgpu_fault_cases };
kunit_test_suite(tqgpu_fault_suite);
