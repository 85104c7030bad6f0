package org.shop.cart;

import java.util.*;
import static java.lang.Math.max;
import org.shop.Price;

/** What somebody buys. */
@Entity(name = "cart")
public abstract sealed class Sample<T extends Item & Named> extends Base<T> implements Named, Other permits A, B {
    private static final int MAX = 8, OTHER[] = {1, 2};
    protected List<? super T> items = new ArrayList<>();
    static { count = 1; }
    { items.add(null); }
    public Sample(String name, int... more) throws IOException { super(name); this.name = name; }
    @Override public <K> Map<K, T> total(final double rate, Function<T, K> f) {
        var sum = items.stream().map(Item::price).filter(x -> x > 1).mapToDouble((a) -> { return a; }).sum();
        for (Item item : items) { if (item instanceof Gift g && g.price() > 1) continue; else break; }
        for (int i = 0, j = 1; i < 3; i++, j--) synchronized (this) { assert i > 0 : "x"; }
        outer: do { while (true) break outer; } while (false);
        try (var in = open("x"); in2) { throw new Error("x" + 'c' + 1L + 0x1p3); } catch (A | B e) { } finally { }
        return switch (kind) { case GIFT, PLAIN -> null; case Point(int x, var y) when x > 1 -> { yield 1; } default -> throw e; };
    }
    abstract void draw();
    enum Kind implements Named { PLAIN(1) { void f() {} }, GIFT; Kind(int n) {} }
    interface Inner { int N = 1; default void go() { Runnable r = () -> {}; new Thread(r) { public void run() {} }.start(); } }
    record Point(int x, int y) { Point { if (x < 0) throw null; } }
    @interface Note { String value() default "x"; }
    String text = """
        block ${x}
        """; int[][] a = new int[3][]; Class<?> c = int[].class; Object o = (Object & Named) Sample.this.items;
}
