// rows.h: the values of an answer, one after another: made for lib, or only named.
#ifndef SIGNET_NODE_ROWS_H
#define SIGNET_NODE_ROWS_H

#include <napi.h>

#include <cstring>

#include "node/port.h"
#include "node/text.h"

namespace signet_node {

// Makes JavaScript values, and remembers the first failure.
class Cells {
  public:
    explicit Cells(napi_env env) : env_(env)
    {
    }

    // `name`: the value's name in lib, see Names.
    void number(const char *, int64_t value)
    {
        napi_value number = nullptr;
        check(napi_create_int64(env_, value, &number));
        value_(number);
    }

    // Undefined if `text` is NULL.
    void string(const char *, const char *text)
    {
        napi_value string = nullptr;
        if (text != nullptr)
            string = string_from_utf8(env_, {text, strlen(text)});
        else
            check(napi_get_undefined(env_, &string));
        value_(string);
    }

  protected:
    ~Cells() = default;
    virtual napi_status put(napi_value value) = 0;

    void check(napi_status status)
    {
        if (status_ == napi_ok)
            status_ = status;
    }

    void value_(napi_value value)
    {
        if (status_ == napi_ok)
            status_ = value == nullptr ? napi_generic_failure : put(value);
    }

    napi_env env_;
    napi_status status_ = napi_ok;
};

// Appends them to a JavaScript array. `size`: its expected length.
class Row final : public Cells {
  public:
    Row(napi_env env, size_t size) : Cells(env)
    {
        status_ = napi_create_array_with_length(env, size, &array_);
    }

    void array(const char *, const Row &row)
    {
        check(row.status_);
        value_(row.array_);
    }

    napi_status finish(napi_value *array) const
    {
        *array = array_;
        return status_;
    }

  private:
    napi_status put(napi_value value) override
    {
        return napi_set_element(env_, array_, length_++, value);
    }

    napi_value array_ = nullptr;
    uint32_t length_ = 0;
};

// Appends them to an answer's values.
class Values final : public Cells {
  public:
    Values(napi_env env, napi_value *values) : Cells(env), values_(values)
    {
    }

    napi_status finish(uint32_t *values_n) const
    {
        *values_n = length_;
        return status_;
    }

  private:
    napi_status put(napi_value value) override
    {
        if (length_ == Answer::most_values)
            return napi_generic_failure;
        values_[length_++] = value;
        return napi_ok;
    }

    napi_value *values_;
    uint32_t length_ = 0;
};

// Records the names of a row's values instead of the values. lib finds values in a row by these names.
class Names {
  public:
    explicit Names(Napi::Env env) : names_(Napi::Array::New(env))
    {
    }

    void number(const char *name, int64_t)
    {
        names_.Set(names_.Length(), name);
    }

    void string(const char *name, const char *)
    {
        names_.Set(names_.Length(), name);
    }

    template <typename Nested> void array(const char *name, const Nested &)
    {
        names_.Set(names_.Length(), name);
    }

    Napi::Array list() const
    {
        return names_;
    }

  private:
    Napi::Array names_;
};

} // namespace signet_node

#endif
