/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Page tables of the card: RISC-V Sv48, in video memory. Pure logic: the kernel builds it into the module, and the unit
 * tests build it into a user-space program.
 *
 * Nothing here allocates: an update runs in the path of a dma_fence, where memory may not be asked for. Its pages come
 * from a pool that was filled for the worst case before, and tables that an update takes out of use go into the pool;
 * they may be used again once the card has been told to forget its translations.
 */
#ifndef TQGPU_PT_H
#define TQGPU_PT_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
#endif

#define TQGPU_PT_LEVELS 4
#define TQGPU_PT_PAGE_SIZE 4096ull
#define TQGPU_PT_HUGE_SIZE (2ull << 20)
/* Sv48 sign-extends; the user half is what x86-64 user space has too, so that both sides can use one address. */
#define TQGPU_VA_BITS 47

#define TQGPU_PTE_VALID (1ull << 0)
#define TQGPU_PTE_READ (1ull << 1)
#define TQGPU_PTE_WRITE (1ull << 2)
#define TQGPU_PTE_EXECUTE (1ull << 3)
#define TQGPU_PTE_USER (1ull << 4)
#define TQGPU_PTE_ACCESSED (1ull << 6)
#define TQGPU_PTE_DIRTY (1ull << 7)
#define TQGPU_PTE_RIGHTS (TQGPU_PTE_READ | TQGPU_PTE_WRITE | TQGPU_PTE_EXECUTE)

#define TQGPU_SATP_SV48 (9ull << 60)

/* Where tables live: byte offsets in video memory, a CPU mapping of it, and its address on the card's side. */
struct tqgpu_pt {
	u8 *vram;
	u64 vram_address;
	u64 root; /* offset */
};

/*
 * Pages of video memory with any content, as a list through their first words. Such a word is no valid entry, so that a
 * table that was just taken out of use reads as "nothing here" to a card that still walks it.
 */
struct tqgpu_pt_pool {
	u64 first; /* offset; 0: none */
	u32 count;
};
void tqgpu_pt_pool_push(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 offset);
u64 tqgpu_pt_pool_pop(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool);

/* Pages that a map of the range may take from its pool. */
u32 tqgpu_pt_map_pages(u64 va, u64 size);
/* Pages that an unmap or protect may take, to split what lies across the two ends of its range. */
#define TQGPU_PT_SPLIT_PAGES (2 * (TQGPU_PT_LEVELS - 1))

/*
 * Maps [va, va + size) to card addresses from `address` on, with 2 MB pages where alignment allows, whatever was there
 * before. `rights` are TQGPU_PTE_READ and so on. All multiples of the page size; the caller has checked that the range
 * lies below 2^TQGPU_VA_BITS.
 */
void tqgpu_pt_map(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 va, u64 size, u64 address, u64 rights);
void tqgpu_pt_unmap(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 va, u64 size);
/* Changes the rights of what is mapped in the range. */
void tqgpu_pt_protect(struct tqgpu_pt *pt, struct tqgpu_pt_pool *pool, u64 va, u64 size, u64 rights);

/* The entry that translates `va`, 0 if there is none; *level is 0 for a 4 KB page, 1 for 2 MB. For dumps and tests. */
u64 tqgpu_pt_lookup(const struct tqgpu_pt *pt, u64 va, u32 *level);

static inline u64 tqgpu_pt_satp(const struct tqgpu_pt *pt, u32 asid)
{
	return TQGPU_SATP_SV48 | (u64)asid << 44 | (pt->vram_address + pt->root) >> 12;
}

#endif
