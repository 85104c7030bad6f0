#!/usr/bin/env node
'use strict';
import cart, { total as sum } from './cart.js';
import * as all from "all";
export * as named from './n';
export { a as b, c };
const fs = require('fs'), { join } = require('path');
class Cart extends mixin(Base) {
    static #count = 0; static { Cart.#count = 1; }
    items = [];
    constructor(name) { super(name); this.name = name; }
    get size() { return this.items?.length ?? 0; }
    set size(n) {}
    async *[Symbol.iterator]() { yield* this.items; }
    static make(...args) { return new Cart(...args); }
}
Cart.prototype.total = function (rate) { return this.items.reduce((a, { price = 1 }) => a + price * rate, 0); };
exports.go = async (x) => { await x; };
module.exports = { go, stop: function stop() {}, run() {}, 'quoted': () => 1, [computed]: 2 };
function* gen(a, [b, , ...c] = [], { d: { e } }) { var f = yield a; let g; const h = /[/]x/u; }
$(document).on('click', function () { $(this).hide(); });
for (const k in o) for (const v of o) { if (k) continue; else if (v) break; }
try { label: while (1) { do { break label; } while (0); } } catch ({ message }) { throw `a ${b + `${c}`} d`; } finally { debugger; }
switch (x) { case 1: case 'two': default: x ||= 1n; }
a = b ? typeof c : void d, delete e.f, new.target, import.meta, import('x');
export default class { }
(function () { return a in b instanceof c; })(), (() => ({}))();
with (a) { b; }
