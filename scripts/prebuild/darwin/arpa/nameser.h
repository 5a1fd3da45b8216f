/* arpa/nameser.h: the parser of DNS answers in macOS's libresolv; its layouts are BIND 9's, as in every BSD. */
#ifndef SIGNET_ARPA_NAMESER_H
#define SIGNET_ARPA_NAMESER_H

#include <stdint.h>
#include <sys/types.h>

#define NS_MAXDNAME 1025
#define NS_PACKETSZ 512

typedef enum { ns_s_qd = 0, ns_s_an = 1, ns_s_ns = 2, ns_s_ar = 3, ns_s_max = 4 } ns_sect;
typedef enum { ns_t_txt = 16, ns_t_srv = 33 } ns_type;
typedef enum { ns_c_in = 1 } ns_class;

typedef struct ns_msg {
    const unsigned char *_msg, *_eom;
    uint16_t _id, _flags, _counts[ns_s_max];
    const unsigned char *_sections[ns_s_max];
    ns_sect _sect;
    int _rrnum;
    const unsigned char *_msg_ptr;
} ns_msg;

typedef struct ns_rr {
    char name[NS_MAXDNAME];
    uint16_t type, rr_class;
    uint32_t ttl;
    uint16_t rdlength;
    const unsigned char *rdata;
} ns_rr;

#define ns_initparse res_9_ns_initparse
#define ns_parserr res_9_ns_parserr

int ns_initparse(const unsigned char *message, int size, ns_msg *parsed);
int ns_parserr(ns_msg *parsed, ns_sect section, int index, ns_rr *record);

#define ns_msg_base(parsed) ((parsed)._msg)
#define ns_msg_end(parsed) ((parsed)._eom)
#define ns_msg_count(parsed, section) ((parsed)._counts[section])
#define ns_rr_type(record) ((ns_type)(record).type)
#define ns_rr_ttl(record) ((record).ttl)
#define ns_rr_rdlen(record) ((record).rdlength)
#define ns_rr_rdata(record) ((record).rdata)

#endif
