/* json_names.h: the set of member names seen so far, to find duplicates in linear time whatever the text holds. Private to src/core. */
#ifndef SIGNET_JSON_NAMES_H
#define SIGNET_JSON_NAMES_H

#include "core/json.h"

typedef struct signet_name_slot {
    uint32_t object; /* which object of the text; below `first_object` of the set: free */
    uint32_t hash;
    signet_json name;
} signet_name_slot;

#define SIGNET_NAMES_INLINE 256

/* Nearly all objects have few members: their names are compared one with another, in a stack that stays in the processor's nearest cache.
 * An object with more moves its names into the table. */
#define SIGNET_NAMES_FEW 8
#define SIGNET_NAMES_STACK 64

typedef struct signet_name_frame {
    uint32_t object; /* that is open */
    bool in_table;
    size_t base; /* its first name in the stack */
} signet_name_frame;

struct signet_json_names {
    signet_name_slot *slots; /* `room` or heap */
    size_t mask, used;
    uint32_t first_object, next_object;
    uint64_t seed; /* random: colliding names cannot be made up in advance */
    signet_name_slot stack[SIGNET_NAMES_STACK];
    signet_name_frame frames[SIGNET_MAX_JSON_DEPTH]; /* of the open objects, outermost first */
    size_t stack_n, frames_n;
    signet_name_slot room[SIGNET_NAMES_INLINE];
};

void signet_json_names_init(signet_json_names *names, uint64_t seed);
void signet_json_names_clear(signet_json_names *names);

/* Forgets all names; objects are numbered by signet_json_names_object from here on. */
void signet_json_names_restart(signet_json_names *names);
uint32_t signet_json_names_object(signet_json_names *names);

/* SIGNET_ERR_TOKEN_INVALID: that object has the name already. SIGNET_ERR_MEMORY. */
SIGNET_MUST_CHECK signet_status signet_json_names_add(signet_json_names *names, uint32_t object, const signet_json *name);

#endif
