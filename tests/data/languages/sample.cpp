#include <vector>
namespace shop {
class Cart : public Base {
public:
    Cart();
    void add(int item);
    template <class T> T total() const { return sum(items_); }
private:
    std::vector<int> items_;
};
void Cart::add(int item) { items_.push_back(item); }
using Number = int;
enum class Kind { small, large };
}
int main() { shop::Cart cart; cart.add(3); }
