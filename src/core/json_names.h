/* json_names.h: the member names of the objects that are open, to find duplicates in linear time whatever the text
 * holds. Private to src/core. */
#ifndef SIGNET_JSON_NAMES_H
#define SIGNET_JSON_NAMES_H

#include "core/json.h"

typedef struct signet_name_slot {
    uint32_t object; /* in the table: which object of the text; below `first_object` of the set: free */
    uint32_t hash;
    signet_json name;
} signet_name_slot;

#define SIGNET_NAMES_INLINE 256

/*
 * Objects next to each other, such as the rows of a list, mostly have the same shape: the same names in the same
 * order. So each level of nesting keeps the shape of its last object, whose names are known to differ from one
 * another: as long as a new object has that shape, each name need only be compared with the one in its place, and
 * none of it is new.
 *
 * A name that is not the shape's is compared with its object's names before it if they are few; if they are many, or
 * the nesting is deep, all of them move into the table.
 */
#define SIGNET_NAMES_FEW 8
#define SIGNET_NAMES_KNOWN 32  /* names kept of a level */
#define SIGNET_NAMES_LEVELS 16 /* that keep names */

typedef struct signet_name_level {
    uint32_t object; /* the open object's number in the table; 0: its names are not there */
    signet_name_slot *next,
        *end; /* while another object is open inside: as in signet_json_names; of a closed object, `end` alone */
} signet_name_level;

struct signet_json_names {
    signet_name_slot *slots; /* `room` or heap */
    size_t mask, used;
    uint32_t first_object, next_object;
    /* Of the innermost object, the slot of its next name, and behind those kept of it and then of its predecessor.
     * Both NULL: its level keeps none. */
    signet_name_slot *next, *end;
    unsigned depth;    /* open objects */
    unsigned reached;  /* levels that this text has used */
    unsigned in_table; /* open objects whose names are there */
    uint64_t seed;     /* random: the names that collide differ from process to process */
    signet_name_level levels[SIGNET_MAX_JSON_DEPTH + 1]; /* from 1, the outermost object's */
    signet_name_slot known[SIGNET_NAMES_LEVELS + 1][SIGNET_NAMES_KNOWN];
    signet_name_slot room[SIGNET_NAMES_INLINE];
};

void signet_json_names_init(signet_json_names *names, uint64_t seed);
void signet_json_names_clear(signet_json_names *names);

/* Forgets all names, and all objects. */
void signet_json_names_restart(signet_json_names *names);

/* An object begins inside those that are open, of which there are at most SIGNET_MAX_JSON_DEPTH - 1; the innermost
 * one ends. */
void signet_json_names_open(signet_json_names *names);
void signet_json_names_close(signet_json_names *names);

/* Adds a name to the innermost object. SIGNET_ERR_TOKEN_INVALID: it has the name already. SIGNET_ERR_MEMORY. */
SIGNET_MUST_CHECK signet_status signet_json_names_add(signet_json_names *names, const signet_json *name);

/* The name that the innermost object has next if it has the shape of the one before it; NULL: that has no more, or is
 * not known. */
static inline const signet_json *signet_json_names_in_shape(const signet_json_names *names)
{
    return names->next < names->end ? &names->next->name : NULL;
}

/* Adds that one, written exactly as in the object before. */
static inline void signet_json_names_add_in_shape(signet_json_names *names)
{
    names->next++;
}

#endif
