#include <vector>
#include "cart.h"
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#if defined(X) && X > 1
#pragma once
#endif
namespace shop::inner {
using std::vector, std::string;
using Ids = std::vector<int64_t>;
typedef void (*Handler)(int code, const char* text);
template <typename T, int N = 3, class... More> requires std::is_integral_v<T>
class [[nodiscard]] Cart final : public Base<T>, private virtual ns::Other {
public:
    explicit Cart(std::string name, Options o = {}) : name_(std::move(name)), o_{o} {}
    ~Cart() override = default;
    Cart(const Cart&) = delete;
    T operator[](size_t at) const noexcept { return items_[at]; }
    operator bool() const { return !items_.empty(); }
    static inline int count = 0;
    virtual void draw(int x, int (&y)[3]) = 0;
    friend std::ostream& operator<<(std::ostream& out, const Cart& cart);
    enum class Kind : uint8_t { plain, gift = 4 };
    struct Row { int a : 3; union { int i; float f; }; } row;
private:
    std::string name_; vector<T> items_; std::unique_ptr<Row> next_;
};
template <> struct hash<int> {};
TRY_ASSIGN(auto value, compute());
TEST_CASE("a name", "[tag]") { CHECK(f(1) == 2); }
template <typename T> auto shop::Cart<T>::total(this auto&& self, T rate, ...) -> decltype(rate) {
    const auto add = [&, this, x = 1](auto a) mutable -> int { return a + x; };
    for (const auto& [key, item] : items_) if (item->price() > 0) sum += add(item.price);
    try { throw Error("x"); } catch (const std::exception& e) { goto end; } catch (...) {}
    switch (rate) { case 1: break; default: return static_cast<T>(other::make<int>(1)); }
end:
    co_await next(); delete[] p; return new (here) int[3]{1, 2, 3}, R"x(raw)x" "\n" 'c' 1.5e3f 0x1p3;
}
extern "C" { int main(int argc, char** argv); static int (*table[4])(void); }
int Cart<int>::count = sizeof(int) * -~!1;
concept_ template<class T> concept Small = sizeof(T) < 8;
}
