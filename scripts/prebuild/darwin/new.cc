/* new.cc: operator new and delete as libc++ has them, but hidden. Its own are weak and exported, and macOS would let
 * any other library of the process that exports them take their place. */
#include <algorithm>
#include <cstdlib>
#include <new>

static void *allocate(std::size_t size)
{
    void *memory = nullptr;
    while (!(memory = std::malloc(size ? size : 1))) {
        const std::new_handler handler = std::get_new_handler();
        if (!handler)
            throw std::bad_alloc();
        handler();
    }
    return memory;
}

static void *allocate_aligned(std::size_t size, std::align_val_t alignment)
{
    void *memory = nullptr;
    const std::size_t bytes = std::max(static_cast<std::size_t>(alignment), sizeof(void *));
    if (posix_memalign(&memory, bytes, size ? size : 1) != 0)
        throw std::bad_alloc();
    return memory;
}

template <typename Call> static void *or_null(Call call) noexcept
{
    try {
        return call();
    } catch (...) {
        return nullptr;
    }
}

void *operator new(std::size_t size)
{
    return allocate(size);
}

void *operator new[](std::size_t size)
{
    return allocate(size);
}

void *operator new(std::size_t size, std::align_val_t alignment)
{
    return allocate_aligned(size, alignment);
}

void *operator new[](std::size_t size, std::align_val_t alignment)
{
    return allocate_aligned(size, alignment);
}

void *operator new(std::size_t size, const std::nothrow_t &) noexcept
{
    return or_null([=] { return allocate(size); });
}

void *operator new[](std::size_t size, const std::nothrow_t &) noexcept
{
    return or_null([=] { return allocate(size); });
}

void *operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t &) noexcept
{
    return or_null([=] { return allocate_aligned(size, alignment); });
}

void *operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t &) noexcept
{
    return or_null([=] { return allocate_aligned(size, alignment); });
}

/* With all parameters; those after the memory are ignored. */
#define DELETE(...)                                                                                                    \
    void operator delete(__VA_ARGS__) noexcept                                                                         \
    {                                                                                                                  \
        std::free(memory);                                                                                             \
    }                                                                                                                  \
    void operator delete[](__VA_ARGS__) noexcept                                                                       \
    {                                                                                                                  \
        std::free(memory);                                                                                             \
    }

DELETE(void *memory)
DELETE(void *memory, std::size_t)
DELETE(void *memory, std::align_val_t)
DELETE(void *memory, std::size_t, std::align_val_t)
DELETE(void *memory, const std::nothrow_t &)
DELETE(void *memory, std::align_val_t, const std::nothrow_t &)
