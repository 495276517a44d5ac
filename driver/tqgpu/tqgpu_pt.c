// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tqgpu_pt.h"

#ifdef __KERNEL__
#include <linux/bug.h>
#include <linux/minmax.h>
#else
#include <assert.h>
#define WARN_ON_ONCE(condition) ({ bool failed_ = (condition); assert(!failed_); failed_; })
#define READ_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif

#define TQGPU_PT_ENTRIES 512u

static u32 shift_of(u32 level)
{
	return 12 + 9 * level;
}

static u64 *entry_of(const struct tqgpu_pt *pt, u64 table, u32 level, u64 va)
{
	return (u64 *)(pt->vram + table) + (va >> shift_of(level)) % TQGPU_PT_ENTRIES;
}

static u64 address_of(u64 pte)
{
	return pte >> 10 << 12 & ((1ull << 56) - 1);
}

static u64 table_pte(const struct tqgpu_pt *pt, u64 table)
{
	return (pt->vram_address + table) >> 12 << 10 | TQGPU_PTE_VALID;
}

static u64 table_offset(const struct tqgpu_pt *pt, u64 pte)
{
	return address_of(pte) - pt->vram_address;
}

static u64 leaf_pte(u64 address, u64 rights)
{
	/* Accessed and dirty are set from the start: the card does not maintain them. No rights at all would be a
	 * pointer to a table. */
	if (!(rights & TQGPU_PTE_RIGHTS))
		return 0;
	return address >> 12 << 10 | rights | TQGPU_PTE_VALID | TQGPU_PTE_USER | TQGPU_PTE_ACCESSED | TQGPU_PTE_DIRTY;
}

static bool is_table(u64 pte)
{
	return (pte & TQGPU_PTE_VALID) && !(pte & TQGPU_PTE_RIGHTS);
}

static u32 tables_touched(u64 va, u64 size, u32 level)
{
	u32 shift = shift_of(level + 1);

	return (u32)(((va + size - 1) >> shift) - (va >> shift) + 1);
}

u32 tqgpu_pt_map_pages(u64 va, u64 size)
{
	u32 level, pages = 0;

	if (!size)
		return 0;
	for (level = 0; level < TQGPU_PT_LEVELS - 1; level++)
		pages += tables_touched(va, size, level);
	return pages;
}

void tqgpu_pt_pool_push(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 offset)
{
	WRITE_ONCE(*(u64 *)(pt->vram + offset), pool->first);
	pool->first = offset;
	pool->count++;
}

u64 tqgpu_pt_pool_pop(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool)
{
	u64 offset = pool->first;

	if (offset) {
		pool->first = *(u64 *)(pt->vram + offset);
		pool->count--;
	}
	return offset;
}

/* Puts a table and all below it into the pool. */
static void free_tables(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 table, u32 level)
{
	u32 i;

	if (level) {
		for (i = 0; i < TQGPU_PT_ENTRIES; i++) {
			u64 pte = ((u64 *)(pt->vram + table))[i];

			if (is_table(pte))
				free_tables(pt, pool, table_offset(pt, pte), level - 1);
		}
	}
	tqgpu_pt_pool_push(pt, pool, table);
}

/* The table below `entry`, made if there is none. A 2 MB page becomes 512 small ones with the same rights. */
static u64 descend(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 *entry, u32 level)
{
	u64 pte = READ_ONCE(*entry), table;
	u32 i;

	if (is_table(pte))
		return table_offset(pt, pte);
	table = tqgpu_pt_pool_pop(pt, pool);
	if (WARN_ON_ONCE(!table)) /* the pool was filled for the worst case */
		return 0;
	for (i = 0; i < TQGPU_PT_ENTRIES; i++) {
		u64 part = 0;

		if (pte & TQGPU_PTE_VALID)
			part = leaf_pte(address_of(pte) + ((u64)i << shift_of(level - 1)), pte & TQGPU_PTE_RIGHTS);
		((u64 *)(pt->vram + table))[i] = part;
	}
	/* The card may walk at any time: the table is complete before it is linked. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	WRITE_ONCE(*entry, table_pte(pt, table));
	return table;
}

enum update_kind { UPDATE_MAP, UPDATE_UNMAP, UPDATE_PROTECT };
struct update {
	enum update_kind kind;
	u64 address; /* of `va` */
	u64 va;
	u64 rights;
};

/* Whether `update` can be done with the one entry that covers [va, va + span). */
static bool is_leaf(const struct update *update, u64 pte, u64 va, u64 size, u32 level)
{
	u64 span = 1ull << shift_of(level);

	if (!level)
		return true;
	if (va % span || size < span)
		return false;
	if (update->kind == UPDATE_UNMAP)
		return true;
	if (update->kind == UPDATE_PROTECT)
		return !is_table(pte);
	return level == 1 && (update->address + (va - update->va)) % span == 0;
}

static void update_leaf(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, const struct update *update, u64 *entry,
			u64 va, u32 level)
{
	u64 old = READ_ONCE(*entry), pte = 0;

	if (update->kind == UPDATE_MAP)
		pte = leaf_pte(update->address + (va - update->va), update->rights);
	else if (update->kind == UPDATE_PROTECT && (old & TQGPU_PTE_VALID))
		pte = leaf_pte(address_of(old), update->rights);
	WRITE_ONCE(*entry, pte);
	if (is_table(old) && level)
		free_tables(pt, pool, table_offset(pt, old), level - 1);
}

static void update_range(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, const struct update *update, u64 table,
			 u32 level, u64 va, u64 size)
{
	u64 span = 1ull << shift_of(level), end = va + size;

	while (va < end) {
		u64 *entry = entry_of(pt, table, level, va), pte = READ_ONCE(*entry), below;
		u64 part = min(span - va % span, end - va);

		if (is_leaf(update, pte, va, part, level)) {
			update_leaf(pt, pool, update, entry, va, level);
		} else if (update->kind == UPDATE_MAP || (pte & TQGPU_PTE_VALID)) {
			below = descend(pt, pool, entry, level);
			if (!below)
				return;
			update_range(pt, pool, update, below, level - 1, va, part);
		}
		va += part;
	}
}

void tqgpu_pt_map(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 va, u64 size, u64 address, u64 rights)
{
	struct update update = { UPDATE_MAP, address, va, rights };

	update_range(pt, pool, &update, pt->root, TQGPU_PT_LEVELS - 1, va, size);
}

void tqgpu_pt_unmap(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 va, u64 size)
{
	struct update update = { UPDATE_UNMAP, 0, va, 0 };

	update_range(pt, pool, &update, pt->root, TQGPU_PT_LEVELS - 1, va, size);
}

void tqgpu_pt_protect(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 va, u64 size, u64 rights)
{
	struct update update = { UPDATE_PROTECT, 0, va, rights };

	update_range(pt, pool, &update, pt->root, TQGPU_PT_LEVELS - 1, va, size);
}

u64 tqgpu_pt_lookup(const struct tqgpu_pt *pt, u64 va, u32 *level)
{
	u64 table = pt->root;
	u32 at;

	for (at = TQGPU_PT_LEVELS; at-- > 0;) {
		u64 pte = READ_ONCE(*entry_of(pt, table, at, va));

		*level = at;
		if (!is_table(pte))
			return pte & TQGPU_PTE_VALID ? pte : 0;
		table = table_offset(pt, pte);
	}
	return 0;
}

#ifdef CONFIG_TQGPU_KUNIT
#include "kunit/tqgpu_pt_kunit.c"
#endif
