/* json_names.c: names of a known shape, few names compared one with another, and for objects with many an
 * open-addressing set of (object, name), grown as needed. */
#include "core/json_names.h"

#include <stdlib.h>
#include <string.h>

#include "core/json_string.h"

/* A table larger than this is given back before the next text. */
#define KEPT_SLOTS 4096

void signet_json_names_init(signet_json_names *names, uint64_t seed)
{
    memset(names, 0, sizeof *names);
    names->slots = names->room;
    names->mask = SIGNET_NAMES_INLINE - 1;
    names->first_object = names->next_object = 1;
    names->seed = seed;
}

void signet_json_names_clear(signet_json_names *names)
{
    if (names->slots != names->room)
        free(names->slots);
    names->slots = NULL;
}

/* Whatever is in the table is of no object from here on. */
static void empty_table(signet_json_names *names)
{
    names->first_object = names->next_object;
    names->used = 0;
    names->in_table = 0;
}

void signet_json_names_restart(signet_json_names *names)
{
    if (names->mask >= KEPT_SLOTS || names->next_object > UINT32_MAX / 2) {
        const uint64_t seed = names->seed;
        signet_json_names_clear(names);
        signet_json_names_init(names, seed);
    }
    empty_table(names);
    names->depth = names->reached = 0;
    names->next = names->end = NULL;
}

static signet_name_slot *first_slot(signet_json_names *names)
{
    return names->depth <= SIGNET_NAMES_LEVELS ? names->known[names->depth] : NULL;
}

void signet_json_names_open(signet_json_names *names)
{
    signet_name_level *outer = &names->levels[names->depth++], *inner = &names->levels[names->depth];
    outer->next = names->next;
    outer->end = names->end;
    inner->object = 0;
    names->next = first_slot(names);
    names->end = names->depth <= names->reached ? inner->end : names->next;
    if (names->depth > names->reached)
        names->reached = names->depth;
}

void signet_json_names_close(signet_json_names *names)
{
    signet_name_level *inner = &names->levels[names->depth--], *outer = &names->levels[names->depth];
    inner->end = names->end;
    names->next = outer->next;
    names->end = outer->end;
    if (inner->object > 0 && --names->in_table == 0)
        empty_table(names);
}

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

/* Little-endian, whatever the machine's order; compilers make one load of it. */
static inline uint64_t load32(const uint8_t *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24;
}

/* Up to seven bytes as one number. Loads that overlap set the same bits twice. */
static inline uint64_t load_tail(const uint8_t *at, size_t n)
{
    if (n >= 4)
        return load32(at) | load32(at + n - 4) << 8 * (n - 4);
    return n ? (uint64_t)at[0] | (uint64_t)at[n / 2] << 8 * (n / 2) | (uint64_t)at[n - 1] << 8 * (n - 1) : 0;
}

/* As if the escapes had been resolved before. */
static uint32_t hash_escaped(const signet_json *name, uint64_t hash)
{
    signet_json_bytes bytes;
    uint64_t word = 0, n = 0;
    signet_json_bytes_open(&bytes, name);
    for (int byte; (byte = signet_json_bytes_next(&bytes)) >= 0; n++) {
        word |= (uint64_t)byte << 8 * (n & 7);
        if ((n & 7) == 7) {
            hash = mix(hash, word);
            word = 0;
        }
    }
    return (uint32_t)mix(mix(hash, word), n);
}

/* Eight bytes per step. */
static inline uint32_t hash_of(const signet_json *name, uint64_t hash)
{
    const uint8_t *at = (const uint8_t *)name->ptr;
    size_t n = name->len;
    if (name->escaped)
        return hash_escaped(name, hash);
    for (; n >= 8; n -= 8, at += 8)
        hash = mix(hash, load32(at) | load32(at + 4) << 32);
    return (uint32_t)mix(mix(hash, load_tail(at, n)), name->len);
}

static bool same_name(const signet_json *a, const signet_json *b)
{
    if (!a->escaped)
        return signet_json_equals(b, a->ptr, a->len);
    if (!b->escaped)
        return signet_json_equals(a, b->ptr, b->len);
    signet_json_bytes left, right;
    signet_json_bytes_open(&left, a);
    signet_json_bytes_open(&right, b);
    for (;;) {
        const int byte = signet_json_bytes_next(&left);
        if (byte != signet_json_bytes_next(&right))
            return false;
        if (byte < 0)
            return true;
    }
}

/* The slot that holds the name, or the free slot for it. */
static inline signet_name_slot *find_slot(signet_name_slot *slots, size_t mask, uint32_t first_object, uint32_t object,
                                          uint32_t hash, const signet_json *name)
{
    size_t i = (hash ^ object * 0x85EBCA6Bu) & mask;
    for (;; i = (i + 1) & mask) {
        signet_name_slot *slot = &slots[i];
        if (slot->object < first_object ||
            (slot->object == object && slot->hash == hash && same_name(&slot->name, name)))
            return slot;
    }
}

static bool grow(signet_json_names *names)
{
    const size_t mask = names->mask * 2 + 1;
    signet_name_slot *slots = calloc(mask + 1, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i <= names->mask; i++) {
        const signet_name_slot *old = &names->slots[i];
        if (old->object >= names->first_object)
            *find_slot(slots, mask, 1, old->object, old->hash, &old->name) = *old;
    }
    signet_json_names_clear(names);
    names->slots = slots;
    names->mask = mask;
    return true;
}

static signet_status add_to_table(signet_json_names *names, uint32_t object, uint32_t hash, const signet_json *name)
{
    if (names->used * 2 > names->mask && !grow(names))
        return SIGNET_ERR_MEMORY;
    signet_name_slot *slot = find_slot(names->slots, names->mask, names->first_object, object, hash, name);
    if (slot->object >= names->first_object)
        return SIGNET_ERR_TOKEN_INVALID;
    slot->object = object;
    slot->hash = hash;
    slot->name = *name;
    names->used++;
    return SIGNET_OK;
}

static bool is_among(const signet_name_slot *slots, size_t n, uint32_t hash, const signet_json *name)
{
    for (size_t i = 0; i < n; i++)
        if (slots[i].hash == hash && same_name(&slots[i].name, name))
            return true;
    return false;
}

/* Gives the object its number, and the table the names that it has so far: all of them, as those that are not kept go
 * there at once. */
static signet_status move_to_table(signet_json_names *names, signet_name_level *level, const signet_name_slot *known,
                                   size_t n)
{
    level->object = names->next_object++;
    names->in_table++;
    for (size_t i = 0; i < n; i++) {
        const signet_status status = add_to_table(names, level->object, known[i].hash, &known[i].name);
        if (status != SIGNET_OK)
            return status;
    }
    return SIGNET_OK;
}

signet_status signet_json_names_add(signet_json_names *names, const signet_json *name)
{
    const uint32_t hash = hash_of(name, names->seed);
    signet_name_level *level = &names->levels[names->depth];
    const signet_name_slot *known = first_slot(names);
    const size_t n = known ? (size_t)(names->next - known) : 0;
    if (level->object == 0 && known && n <= SIGNET_NAMES_FEW) {
        if (is_among(known, n, hash, name))
            return SIGNET_ERR_TOKEN_INVALID;
    } else {
        signet_status status = level->object == 0 ? move_to_table(names, level, known, n) : SIGNET_OK;
        if (status == SIGNET_OK)
            status = add_to_table(names, level->object, hash, name);
        if (status != SIGNET_OK)
            return status;
    }
    if (known && n < SIGNET_NAMES_KNOWN) {
        *names->next++ = (signet_name_slot){level->object, hash, *name};
        names->end = names->next;
    }
    return SIGNET_OK;
}
