open Base
type 'a t = { mutable items : 'a list } 
type kind = Plain | Gift of int
exception Error of string
val total : ?rate:float -> by:(float -> float) -> 'a t -> float
external raw : int -> int = "raw"
module type Named = sig type t val name : t -> string end
module M : Named with type t = int
module F (X : Named) : sig val go : unit end
class ['a] c : int -> object inherit base val mutable x : int method go : 'a method private p : int end
include Named (** docs *)
