package org.shop
import scala.collection.{mutable => m, _}
object Shop extends App with Log { val max = 8; var n: Int = _; type Ids = List[Long]; def main(a: Array[String]): Unit = { println(s"x $n ${n + 1}") } }
@entity abstract class Cart[+T <: Item, K >: Null](private val name: String = "x", n: Int*) extends Base[T](name) with Named {
  override protected lazy val items: Seq[T] = Nil
  def this() = this("y")
  def total[A: Ordering](rate: Double)(implicit f: T => A): Option[Map[A, T]] = {
    for { (a, i) <- items.zipWithIndex if i > 1; b = a.price } yield b * rate
    kind match { case Gift(n @ 1, _*) if n > 1 => None; case _: Other | Plain => throw new Error; case _ => }
    try { while (true) { } } catch { case e: Exception => } finally { do { } while (false) }
    items.map(_.price).foldLeft(0) { case (a, b) => a + b }; new Named { def go() = 1 }; if (n > 1) Some(f) else this.x.y(1)(2)
  }
}
case class Point(x: Int, y: Int); sealed trait Named { def name: String; val a, b = 1 }
case object Single extends Named { implicit class Rich(s: String) { def shout = s.toUpperCase + 'c' + """raw""" } }
enum Color(n: Int) { case Red extends Color(1); case Green }
given ord: Ordering[Int] with { def compare(a: Int, b: Int) = 0 }
extension (s: String) def loud = s
