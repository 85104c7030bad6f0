// A value on the heap, for a large alternative of a variant: the variant is then as large as its
// usual alternatives. A copy copies the value. Threads: values.
#pragma once
#include <memory>
#include <utility>

namespace moxie::desktop {

template <class T>
class Boxed {
public:
    explicit Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}

    Boxed(const Boxed& other) : value_(std::make_unique<T>(*other)) {}

    // `other` may only be assigned to or destroyed afterwards.
    Boxed(Boxed&& other) noexcept = default;

    Boxed& operator=(Boxed other) noexcept {
        value_.swap(other.value_);
        return *this;
    }

    ~Boxed() = default;

    const T& operator*() const { return *value_; }

    T& operator*() { return *value_; }

    bool operator==(const Boxed& other) const { return **this == *other; }

private:
    std::unique_ptr<T> value_;
};

}  // namespace moxie::desktop
