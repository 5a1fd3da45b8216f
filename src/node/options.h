// options.h: createAuth's options on their way into C, by the tables of signet.h (SIGNET_AUTH_OPTION_TABLE,
// SIGNET_STORE_OPTION_TABLE). They keep the names that they have in lib.
#ifndef SIGNET_NODE_OPTIONS_H
#define SIGNET_NODE_OPTIONS_H

#include <napi.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "signet.h"

namespace signet_node {

// Reads the members of an object, which lib has checked. "legacy.until" is a member of a member. Times are in
// milliseconds. What is read lives as long as `kept`, secrets as long as their Buffers.
class Options {
  public:
    explicit Options(Napi::Object object) : object_(object)
    {
    }

    void read(signet_auth_config *config);
    void read(signet_store_options *options);

    // An array of Buffers; empty if not given.
    std::vector<signet_text> secrets(const char *name) const;

    // A Buffer; {NULL, 0} if not given.
    signet_text secret(const char *name) const;

    // 0 if not given.
    int64_t whole(const char *name) const;

    bool is_given(const char *name) const;

    struct Texts {
        std::deque<std::string> texts;
        std::deque<std::vector<signet_text>> lists;
    };
    const std::shared_ptr<Texts> kept = std::make_shared<Texts>();

  private:
    // One for each kind of option; the rest of its row, the limits, is for option_limits. What is not given is left as
    // it is.
    void seconds(const char *name, int64_t *value, int64_t, int64_t);
    void milliseconds(const char *name, int64_t *value, int64_t, int64_t);
    void count(const char *name, unsigned *value, int64_t, int64_t);
    void text(const char *name, signet_text *value, int64_t, int64_t);
    void texts(const char *name, signet_texts *value, int64_t, int64_t);
    void string(const char *name, const char **value, int64_t, int64_t);
    void word(const char *name, unsigned *value, const char *words, unsigned);

    Napi::Value find(const std::string &name) const;
    signet_text keep(Napi::Value text);

    Napi::Object object_;
};

// The limits of each option by its name: { from, to }, in milliseconds if it is a time, or { words }.
Napi::Object option_limits(Napi::Env env);

} // namespace signet_node

#endif
