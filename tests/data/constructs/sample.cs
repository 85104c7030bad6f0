using System; using static System.Math; using L = System.Collections.Generic.List<int>; global using X;
[assembly: Info("x")]
namespace Shop.Inner {
    public delegate int Handler<in T>(T x, params int[] more);
    [Serializable] public abstract partial class Cart<T> : Base<T>, INamed where T : class, new() {
        private const int Max = 8; static readonly string[] names = { "a", @"b""", $"c {1:x} {names}" };
        public event EventHandler<Args> Changed; public int this[int i] { get => items[i]; set { items[i] = value; } }
        public string Name { get; private init; } = "x"; int count, other = 1;
        public Cart(string name, int n = 1) : base(name) { this.name = name; Changed += (s, e) => { }; }
        ~Cart() { } static Cart() { }
        public static Cart<T> operator +(Cart<T> a, Cart<T> b) => a; public static implicit operator int(Cart<T> c) => 1;
        public override async Task<int> Total<K>(double rate, out int n, ref K k) where K : struct {
            var sum = (from i in items where i.Price > 1 orderby i.Name select new { i.Name, P = i.Price }).ToList();
            foreach (var (a, b) in pairs) { if (a is Gift { Price: > 1 } g) continue; else break; }
            using (var x = Open()) lock (this) { await foreach (var y in x) yield return y?.Z ?? throw new Error(); }
            try { checked { n = (int)k; } } catch (Error e) when (e.N > 1) { } finally { goto end; }
            n = kind switch { Kind.Plain or Kind.Gift => 1, _ => default }; switch (n) { case 1: return 2; default: break; }
            int Local(int q) => q; end: return nameof(n).Length + sizeof(int) + items[^1..].Count + typeof(T).Name[0];
        }
        enum Kind : byte { Plain, Gift = 2 } struct P { public int x; } interface INamed { string Name { get; } void Go(); }
        record Point(int X, int Y) : Base(X) { } unsafe void U(int* p) { fixed (int* q = &a[0]) *p = 1; }
    }
}
#if DEBUG
#region x
#endregion
#endif
