import { Base } from "./base";
export interface Shape { area(): number; name: string; }
export type Pair = [number, number];
export enum Colour { Red, Green = 2 }
export abstract class Square extends Base implements Shape {
  private side: number = 1;
  area(): number { return multiply(this.side, this.side); }
}
export function multiply(a: number, b: number): number { return a * b; }
