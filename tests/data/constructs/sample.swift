import Foundation
@testable import struct Shop.Price
@MainActor public final class Cart<T: Item>: Base, Named where T: Hashable {
    static let max = 8; private(set) var items: [T] = [] { didSet { go() } }; lazy var map: [String: Int?] = [:]
    var size: Int { get { items.count } set { _ = newValue } }
    init?(name: String = "x \(1 + 2)", _ n: Int...) throws { super.init(); self.name = name }
    deinit { }
    subscript(i: Int) -> T { items[i] }
    override func total<K>(at rate: Double, by f: @escaping (K) throws -> Int) async rethrows -> (Int, K)? {
        guard let x = first, case .gift(let n) = kind else { return nil }
        for item in items where item.price > 1 { if item is Gift { continue } else { break } }
        switch kind { case .plain, .gift(_): fallthrough; case let (a, b) where a > b: break; default: throw E.x }
        do { try await go() } catch let e as E { } ; repeat { } while false; defer { go() }
        return items.map { $0.price * rate }.filter { (x) -> Bool in x > 1 }.reduce(0, +) as? Int ?? x!.y?.z
    }
    enum Kind: String, CaseIterable { case plain = "p", gift(Int); indirect case other(Kind) }
    struct Point { var x, y: Int; mutating func move() { x += 1 } }
}
protocol Named: AnyObject { associatedtype Out; var name: String { get }; func go() }
extension Cart: Equatable { static func == (a: Cart, b: Cart) -> Bool { true } }
typealias Handler = (Int) -> Void; infix operator **: P; #if os(Linux)
let text = """
raw
"""; actor A { }
#endif
