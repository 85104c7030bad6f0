open Printf
include Base
module M = Map.Make (String)
module type Named = sig type t val name : t -> string end
module Cart (X : Named) : sig val go : unit end = struct
  type 'a t = { mutable items : 'a list; name : string } and kind = Plain | Gift of int * string [@@deriving show]
  exception Error of string
  external raw : int -> int = "raw"
  let rec total ?(rate = 1.0) ~by:f x = match x with [] -> 0.0 | { price; _ } :: rest when price > 1.0 -> f price +. total ~by:f rest | _ as y -> raise (Error "x")
  and other = function Plain -> 1 | Gift (n, _) -> n
  let () = try List.iter (fun x -> printf "%d\n" x; x.items <- []) [1; 2] with Not_found -> () 
  class ['a] c (n : int) = object (self) inherit base as super val mutable x = n method go = self#x; super#go method private p : int = 1 end
  let go = begin if true then `A 1 else !r := 2; for i = 0 to 3 do ignore i done; while false do () done end let* x = y in x |> f
end
let arr = [| 1; 2 |] and s = {|raw|} (* note (* inner *) *)
