use std::fmt;
const LIMIT: usize = 10;
pub struct Cart { items: Vec<u32> }
pub enum Kind { Small, Large }
pub trait Total { fn total(&self) -> u32; }
impl Total for Cart {
    fn total(&self) -> u32 { add_up(&self.items) }
}
fn add_up(items: &[u32]) -> u32 { items.iter().sum() }
macro_rules! twice { ($x:expr) => { $x * 2 }; }
