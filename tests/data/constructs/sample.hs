{-# LANGUAGE GADTs #-}
module Shop.Cart (Cart(..), total, module X) where
import qualified Data.Map as M
import Data.List (sortBy, (\\)) 
import Prelude hiding (sum)
infixl 6 <+>
type Ids = [Int]
newtype Name a = Name { unName :: a } deriving (Show, Eq)
data Cart a = Cart { items :: [a], count :: !Int } | Empty deriving stock Show
data E where { A :: Int -> E; B :: E }
class (Show a) => Named a where { name :: a -> String; name _ = "x"; type Out a }
instance Named (Cart a) where
  name c = case c of { Cart { items = (x:_) } | null x -> "a" | otherwise -> "b"; Empty -> "c" }
total :: forall a. Num a => a -> [a] -> Maybe a
total rate xs@(y : ys) = let s = foldr (\a b -> a + b) 0 xs in if s > 1 then Just (s * rate) else Nothing
total _ [] = do { x <- go; let { z = 1 }; return $ x `seq` z } where go = [a | a <- [1..3], even a]
(<+>) :: Int -> Int -> Int
a <+> b = a + b -- note
main = mapM_ (print . (+ 1)) (1, 'c', "s\n") {- long -}
