@file:JvmName("Shop")
package org.shop
import kotlin.math.*
import org.shop.Price as P
typealias Handler<T> = (T, Int) -> Unit
const val MAX = 8
var lazyOne: Int by lazy { 1 }
@Entity abstract class Cart<out T : Item>(private val name: String = "x", vararg n: Int) : Base<T>(name), Named by other where T : Any {
    companion object { fun make() = Cart<Gift>("y") }
    init { require(name.isNotEmpty()) { "none $name ${name.length}" } }
    constructor() : this("z")
    var size: Int get() = items.size; private set(value) { field = value }
    override suspend inline fun <reified K> total(rate: Double, crossinline f: (K) -> Int): Map<K, T>? {
        val (a, b) = pair; for ((i, x) in items.withIndex()) if (x is Gift && i in 1..3) continue else break
        when (val k = kind) { Kind.PLAIN, is Other -> return null; !in 1 until 3 -> {}; else -> throw Error() }
        try { while (true) { } } catch (e: Exception) { } finally { do { } while (false) }
        return items?.map { it.price!! * rate }?.let(::println) as? Map<K, T> ?: run@{ return@run null }
    }
    enum class Kind(val n: Int) { PLAIN(1) { override fun f() {} }, GIFT(2); abstract fun f() }
    data class Point(val x: Int, val y: Int); sealed interface Named { val name: String; fun go() {} }
    object Single : Named { override val name = """raw $x""" }
}
fun String.shout(): String = this.uppercase() + 'c' + 0x1F + 1.5f
