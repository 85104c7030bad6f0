import { Item } from './item';
import type Base = require('base');
import fs = Outer.fs;
export type Keys<T> = { readonly [K in keyof T as `get${K}`]?: T[K] extends infer U ? U : never };
export interface Named<T = string> extends Item, Other<T> { name: T; new (x: number): Named; (y: string): void; get size(): number }
declare module 'x' { export const y: unique symbol; global { var z: any } }
namespace A.B { export function f<T>(x: T): x is string; export function f(x) { return x! } }
export const enum Color { red = 1 << 2, 'green' }
@Injectable({ a: 1 })
export abstract class Cart<in out T> extends Base<T>.Inner implements Named<T> {
    declare x: number; static override readonly y?: string = 'y'; protected z!: [a: number, ...b: string[]];
    constructor(private readonly api: Api, @Inject() public name?: string) { super(); }
    abstract total(rate: number): asserts rate is 1;
    async go(this: Cart<T>, ...more: Array<typeof fs>): Promise<void> { const x = <any>this.api.make<Item>(1); await x.go(); }
}
export function over(a: string): void;
export function over(a: number, b?: (x: number) => string): void { let c: Map<string, Item[]> = new Map(); c.get('x')!.push(a as any); }
export = Cart; export as namespace Shop;
export const f = async <T,>(x: T) => { for (const y of z) if (y) return y; }, g = function h() {};
type U = A | B & C | (new () => D) | abstract new () => E | `x${string}` | -1 | unique symbol;
