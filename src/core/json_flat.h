/*
 * json_flat.h: a second way to read the commonest JSON by far: one object as JSON.stringify writes it, of at most
 * SIGNET_MAX_MEMBERS members that are strings without escapes, whole numbers, true, false or null, with names in ASCII.
 * It accepts nothing that the full reader (json.h) would refuse; what it does not take for flat goes there. Private to
 * src/core.
 */
#ifndef SIGNET_JSON_FLAT_H
#define SIGNET_JSON_FLAT_H

#include "core/json.h"
#include "signet.h"

#define SIGNET_SHAPE_MAX 384

/*
 * The shape of an object is the names of its members, in order. One that came before is known by its text, `"name":`
 * of each member, one after the other: to compare with that costs less than to look for the end of each name, and if
 * the processor guesses right, it need not wait for one name to begin with the next.
 */
typedef struct signet_shape {
    uint64_t number; /* from 1; no other shape has had it */
    char text[SIGNET_SHAPE_MAX];
    uint16_t ends[SIGNET_MAX_MEMBERS]; /* of each member's part of `text` */
    size_t members_n;
    unsigned misses; /* objects of other shapes */
} signet_shape;

typedef struct signet_flat {
    signet_member members[SIGNET_MAX_MEMBERS];
    size_t members_n;
    uint64_t shape; /* the number of the members' shape; 0: not known */
    signet_shape known;
    uint8_t claims[SIGNET_MAX_MEMBERS]; /* the caller's own: what each name means, in the shape `claims_shape` */
    uint64_t claims_shape;
} signet_flat;

/* Reads into `flat`, which is zeroed before its first use. False: it is not flat, or no JSON, or has a name twice. */
bool signet_json_read_flat(const char *text, size_t len, signet_flat *flat);

/* Fills the wanted fields from the members of a flat object. */
void signet_json_pick_flat(const signet_member *members, size_t members_n, signet_json_field *fields, size_t fields_n);

/* A member's value as the full reader has it. */
signet_json signet_json_of_member(const signet_member *member);

/* Writes such an object but for its closing brace; returns its end. NULL: a name or a string needs an escape, or is
 * not UTF-8. `out` has room for signet_json_flat_max. */
char *signet_json_write_flat(const signet_member *members, size_t members_n, char *out);
size_t signet_json_flat_max(const signet_member *members, size_t members_n);

#endif
