#include "app/desktop/screens/code/code_query.h"

#include "app/desktop/screens/code/place_history.h"
#include "tests/catch.h"

using namespace moxie::desktop;

namespace {

CodeQuery typed(const char* text) {
    return parseCodeQuery(QString::fromUtf8(text));
}

}  // namespace

TEST_CASE("what one types says name, line, kind and folder", "[desktop][code]") {
    CHECK(typed("cart") == CodeQuery{.text = QStringLiteral("cart")});
    CHECK(typed("a/cart.cpp:12") == CodeQuery{.text = QStringLiteral("a/cart.cpp"), .line = 12});
    CHECK(typed("cart.cpp:12:3") ==
          CodeQuery{.text = QStringLiteral("cart.cpp"), .line = 12, .column = 3});
    CHECK(typed("cart.cpp:") == CodeQuery{.text = QStringLiteral("cart.cpp")});
    CHECK(typed(":40") == CodeQuery{.line = 40});
    CHECK(typed(":0").line == 1);
    CHECK(typed("@total") ==
          CodeQuery{.text = QStringLiteral("total"), .scope = CodeScope::symbols});
    CHECK(typed("Cart::total").text == QStringLiteral("Cart::total"));
    CHECK(typed("std::12").line == 0);
    CHECK(typed("x in:shop/parser/ y") ==
          CodeQuery{.text = QStringLiteral("x y"), .folder = QStringLiteral("shop/parser")});
    CHECK(typed("a:99999999999").text == QStringLiteral("a:99999999999"));
    CHECK(typed("  ") == CodeQuery{});
}

TEST_CASE("one goes back and forward over the places one left", "[desktop][code]") {
    const CodePlace a = {QStringLiteral("a"), 1, 1}, b = {QStringLiteral("b"), 2, 1},
                    c = {QStringLiteral("c"), 3, 1};
    PlaceHistory history;
    CHECK_FALSE(history.back(a));
    history.leave({});
    CHECK_FALSE(history.canGoBack());
    history.leave(a);
    history.leave(b);
    CHECK(history.back(c) == b);
    CHECK(history.back(b) == a);
    CHECK_FALSE(history.canGoBack());
    CHECK(history.forward(a) == b);
    history.leave(b);
    CHECK_FALSE(history.canGoForward());
    for (int line = 0; line < 500; ++line)
        history.leave({QStringLiteral("a"), line, 1});
    size_t steps = 0;
    while (history.back(a))
        ++steps;
    CHECK(steps == PlaceHistory::kPlacesMax);
}
