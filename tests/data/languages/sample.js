import { read } from "./reader.js";
export const LIMIT = 10;
export class Cart extends Base {
  count = 0;
  add(item) { this.items.push(item); return total(item); }
}
function total(list) { const local = read(list); return local; }
const double = (x) => x * 2;
exports.run = function (args) { return double(args); };
