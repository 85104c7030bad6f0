#![allow(dead_code)]
//! Docs.
use std::{collections::HashMap as Map, fmt::{self, *}};
pub(crate) use super::price::Price;
extern crate serde;
mod inner { pub use self::deep::*; mod deep; }
macro_rules! each { ($x:expr, $($y:tt)*) => { $x; each!($($y)*) }; () => {}; }
#[derive(Debug, Clone)]
pub struct Cart<'a, T: Item + 'a, const N: usize = 3> where T: Send { pub items: Vec<T>, name: &'a str }
struct Unit; struct Pair(i32, pub String);
enum Kind { Plain, Gift(u8), Named { x: i32 } = 4 }
union U { a: u32, b: f32 }
pub trait Named: fmt::Debug { type Out; const N: i32 = 1; fn name(&self) -> Self::Out; fn other() {} }
type Alias<T> = Result<T, Box<dyn Error + 'static>>;
static mut COUNT: u64 = 0;
const MAX: usize = 1 << 3;
impl<'a, T> Named for Cart<'a, T> where T: Item {
    type Out = String;
    fn name(&self) -> String { self.name.to_owned() }
}
impl Cart<'_, u8> {
    pub async unsafe fn total<F>(&mut self, rate: f64, f: F) -> Option<f64> where F: Fn(i32) -> i32 {
        let Some(Item { price, .. }) = self.items.first() else { return None };
        let sum: f64 = self.items.iter().map(|i: &Item| i.price * rate).sum::<f64>()?;
        'outer: loop { while let Some(x) = stack.pop() { if x > 1 { break 'outer } else { continue } } }
        match kind { Kind::Gift(n @ 1..=5) | Kind::Plain if n > 1 => vec![1; 3], _ => unreachable!("x {}", n) };
        for (i, c) in "text\n".chars().enumerate() { println!("{i} {c:?}", c = c); }
        unsafe { COUNT += 1; *ptr = b'x' as u8; }
        Price::new(r#"raw"#).await?.value.0; move || f(1); &mut [1, 2][..]; Some(-sum)
    }
}
extern "C" { fn malloc(n: usize) -> *mut u8; }
fn main() { Cart::<u8>::make(|x| x)(1); }
#[cfg(test)] mod tests { use super::*; #[test] fn works() { assert_eq!(1, 1); } }
