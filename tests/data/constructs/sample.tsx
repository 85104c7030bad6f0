import React, { useState as useIt, type FC } from 'react';
import * as api from "../api";
import './style.css';
export * from './all';
export { one as two } from './one';

export interface Props<T extends object = {}> extends Base { name: string; go?(x: T): void; readonly [key: string]: unknown }
type Item = { id: number } | null;
export enum Color { red, green = 2 }
declare namespace Outer.Inner { function f(x: number): string; }
abstract class View<T> extends React.Component<Props<T>> implements Named {
    static count = 0;
    private items: Item[] = [];
    constructor(private readonly api: Api, public name?: string) { super(); this.items = []; }
    get size(): number { return this.items.length; }
    @memo() abstract draw(): void;
    async *each() { for await (const x of this.items) yield x?.id ?? 0; }
    handle = (event: Event) => { this.items.push({ id: 1 }); };
}
export const Cart: FC<Props> = ({ name, ...rest }) => {
    const [n, setN] = useIt<number>(0);
    const re = /a[b/]+/gi, text = `n ${n + 1} ${name}`;
    return <><View.Item key={n} onClick={() => setN(n + 1)} {...rest}>{text} &amp; {/* note */}</View.Item><br /></>;
};
export default function main(this: Window, { a, b: [c] }: any, ...more: string[]) {
    label: for (let i = 0; i < 10; i++) { if (i % 2) continue label; else break; }
    try { new Cart(1); } catch { throw new Error('x') } finally { delete a.b; }
    switch (c) { case 1: default: void 0 }
    return a as unknown as Item satisfies Item;
}
module.exports.x = function () {}; Object.assign({ y: function () {}, z() {} });
const other = require('other');
